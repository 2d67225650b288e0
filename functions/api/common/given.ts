type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Only what was given: parameters that a client left out are not changed. */
export const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>
