/** Times by which hosts that share a database know of one another. */

/** A host says that it lives, and reads who else does. */
export const heartbeatMs = 1_000

/** A host that was not heard of for this long counts as dead, and what it serves as disconnected. */
export const hostSilentMs = 3_000

/** While somebody waits for flows, a host reports how far its datapaths are no more often than this … */
export const reportIntervalMs = 10

/** … nor than this for each host that lives, so that together they leave the database some 200 writes a second. */
export const reportIntervalPerHostMs = 5

/** A host that waits looks this often how far the others are. */
export const appliedPollMs = 5

/** A look that the database does not answer in this time has found nothing; a wait may end that much late. */
export const lookTimeoutMs = 500

/** Says for this much longer than it waits that somebody does: the next to wait needs not say it again. */
export const awaitsLongerMs = 10_000

/** The row of a host that died without a word is kept for this long, for people to look at. */
export const deadHostKeptMs = 24 * 3_600_000

/** A host that ends takes its row away, if the database answers by then. */
export const farewellTimeoutMs = 500
