const slice = Uint8Array.prototype.slice

/** A copy of bytes[from, to). Not by the bytes' own `slice`: a Buffer's gives a view, and sockets give Buffers. */
export const copyBytes = (bytes: Uint8Array, from: number, to: number): Uint8Array =>
  slice.call(bytes, from, to)
