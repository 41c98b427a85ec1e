import type { Verdict } from '../api/types.ts';
import { layerWords, saysWords } from '../words/call.ts';
import classes from './decisions.module.css';

export interface LayerWord {
  readonly layer: string;
  readonly says: Verdict | 'nothing';
  readonly why: string;
}

/** What each layer said and why, first to last; those with an opinion stand out. */
export function Layers({ layers }: { readonly layers: readonly LayerWord[] }) {
  return (
    <table className={classes.layers} aria-label="What each layer said">
      <thead>
        <tr>
          <th scope="col">Layer</th>
          <th scope="col">Says</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {layers.map(({ layer, says, why }, i) => (
          <tr key={i} data-silent={says === 'nothing' || undefined}>
            <th scope="row">{layerWords(layer)}</th>
            <td className={classes.says} data-says={says}>
              {saysWords(says)}
            </td>
            <td>{why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
