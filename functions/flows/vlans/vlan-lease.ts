/**
 * Where several trunk ports reach a VLAN, the flows of the one that serves it pass frames only while a host says so:
 * a switch that is cut off falls silent by itself, and only then another serves.
 */

/** A host says so that often … */
export const renewalMs = 1_000

/** … unless for so long the others may have taken it for dead, in ms. */
export const unheardMaxMs = 2_000

/** What a host has said counts for so long, in seconds. */
export const leaseSeconds = 6

/**
 * After so long without word from a switch, in ms, all that it was told has ended: a host renews for `unheardMaxMs` at most
 * after it was last heard (and counts as dead only after longer than that), and that counts for `leaseSeconds`.
 */
export const fenceMs = 8_500
