/**
 * audio element → splitter → a gain and a place between the ears for each channel → both ears. Built at the first play: browsers
 * allow sound only after a person has acted.
 */
export class MixGraph {
  readonly #context: AudioContext;
  readonly #gains: GainNode[];
  readonly #panners: StereoPannerNode[];

  constructor(audio: HTMLMediaElement, channels: number) {
    this.#context = new AudioContext();
    const source = this.#context.createMediaElementSource(audio);
    source.channelCountMode = 'explicit';
    source.channelCount = Math.max(1, channels);
    source.channelInterpretation = 'discrete';
    const splitter = this.#context.createChannelSplitter(Math.max(1, channels));
    source.connect(splitter);
    this.#gains = Array.from({ length: channels }, () => this.#context.createGain());
    this.#panners = this.#gains.map((gain, channel) => {
      const panner = this.#context.createStereoPanner();
      splitter.connect(gain, channel);
      gain.connect(panner);
      panner.connect(this.#context.destination);
      return panner;
    });
  }

  /** `apart`: first party in the left ear, second in the right; a party who is heard alone is in both. */
  set(muted: readonly boolean[], apart: boolean): void {
    const heard = muted.filter((isMuted) => !isMuted).length;
    this.#gains.forEach((gain, channel) => {
      gain.gain.setTargetAtTime(muted[channel] === true ? 0 : 1, this.#context.currentTime, 0.01);
    });
    this.#panners.forEach((panner, channel) => {
      const place = apart && heard > 1 && channel < 2 ? (channel === 0 ? -1 : 1) : 0;
      panner.pan.setTargetAtTime(place, this.#context.currentTime, 0.01);
    });
  }

  resume(): Promise<void> {
    return this.#context.resume();
  }

  close(): void {
    void this.#context.close();
  }
}
