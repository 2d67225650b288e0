/** The errors of the API: a class, an HTTP status and a code that clients rely on, each (OpenVNet's own where it had one). */

export const errorClasses = {
  UnknownUUIDResource: { status: 404, code: '100' },
  InvalidUUID: { status: 400, code: '101' },
  /** A uuid that is taken. */
  DuplicateUUID: { status: 400, code: '102' },
  /** Another name that is taken: a datapath id, a port's name. */
  DuplicateName: { status: 409, code: '102' },
  InvalidID: { status: 400, code: '103' },
  ArgumentError: { status: 400, code: '110' },
  MissingArgument: { status: 400, code: '111' },
  RelationAlreadyExists: { status: 409, code: '112' },
  /** What others still need stays. */
  DeleteRestrictionError: { status: 400, code: '113' },
  UnknownResource: { status: 404, code: '114' },
  AddressInUse: { status: 409, code: '115' },
  Unauthorized: { status: 401, code: '401' },
  Forbidden: { status: 403, code: '403' },
  /** No such path, or none with this method. */
  UnknownOperation: { status: 404, code: '404' },
  RequestTooLarge: { status: 413, code: '413' },
  UnsupportedMediaType: { status: 415, code: '415' },
  TooManyRequests: { status: 429, code: '429' },
  /** The database is away, the host is too busy, or a function failed: nothing is written, the request may be tried again. */
  Unavailable: { status: 503, code: '503' },
} as const

export type ErrorClass = keyof typeof errorClasses

/** Messages quote what clients sent: of that, this much. */
const messageLengthMax = 1_000

/** What an API function throws to refuse a request; nothing that it has written by then is kept. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly errorClass: ErrorClass

  constructor(errorClass: ErrorClass, message: string) {
    super(message.length > messageLengthMax ? `${message.slice(0, messageLengthMax)}…` : message)
    this.errorClass = errorClass
  }

  get status() {
    return errorClasses[this.errorClass].status
  }

  /** The body of the answer. */
  toJSON() {
    return {
      error: `Vnet::Endpoints::${this.errorClass}`,
      message: this.message,
      code: errorClasses[this.errorClass].code,
    }
  }
}

/** What uuids with a prefix look like. */
export const uuidForm = (prefix: string) => `${prefix}- and 1 to 16 of a-z and 0-9`

/** A refusal of what can be no uuid of the model. */
export const invalidUuid = (model: string, parameter: string, prefix: string, received: string) =>
  new ApiError('InvalidUUID', `${model}#${parameter}: ${received}: expected ${uuidForm(prefix)}`)

/** A refusal that blames a parameter. */
export const argumentError = (message: string) => new ApiError('ArgumentError', message)
