/** What foreseeing a batch may cost. */
export const planLimits = {
  /** On the host thread, in all; what is not computed by then is not told. */
  timeMs: 3_000,
  /** At once, before packets and requests have their turn. */
  sliceMs: 4,
  /** Times that it begins anew since the state has changed under it. */
  attemptsMax: 5,
  /** Texts of one datapath in each list of the answer. */
  textsMax: 1_000,
} as const
