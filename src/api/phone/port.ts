/** Where phones that press record by HTTP stand, account by account (S6). */
export interface PhoneSource {
  /** Ranges of all accounts. */
  all(): Promise<readonly (PhoneRanges & { readonly accountId: string })[]>;
  read(accountId: string): Promise<PhoneRanges>;
  /** Null: `revision` is not the newest any more; nothing was changed. */
  change(accountId: string, change: PhoneRanges): Promise<PhoneRanges | null>;
}

export interface PhoneRanges {
  /** 0: never set. */
  readonly revision: number;
  /** Addresses and CIDR ranges. */
  readonly ranges: readonly string[];
}
