import { Type } from 'typebox';
import { component } from '../schema.ts';

const Ranges = Type.Array(Type.String({ minLength: 2, maxLength: 60 }), {
  maxItems: 200,
  description: 'Addresses and ranges, e.g. 192.0.2.0/24. A phone at one of them needs no token.',
});

export const PhoneRanges = component(
  'PhoneRanges',
  Type.Object({ revision: Type.Integer({ description: '0: never set.' }), ranges: Ranges }),
);

export const PhoneRangesChange = component(
  'PhoneRangesChange',
  Type.Object(
    {
      revision: Type.Integer({ minimum: 0, description: 'The revision that you read; 409 when it is not the newest.' }),
      ranges: Ranges,
    },
    { additionalProperties: false },
  ),
);

export const phoneComponents = [PhoneRanges, PhoneRangesChange];
