/** The errors of the API: a class, an HTTP status and a code that clients rely on, each (OpenVNet's own where it had one). */

/** `about`: what it means, for the OpenAPI document. */
export const errorClasses = {
  UnknownUUIDResource: { status: 404, code: '100', about: 'a uuid is that of no object' },
  InvalidUUID: { status: 400, code: '101', about: 'a uuid does not have the form of its kind' },
  DuplicateUUID: { status: 400, code: '102', about: 'the uuid is taken' },
  DuplicateName: { status: 409, code: '102', about: 'another name is taken: a datapath id, a port name' },
  InvalidID: { status: 400, code: '103', about: 'a network lies on another segment' },
  ArgumentError: { status: 400, code: '110', about: 'a parameter, or what it asks for, cannot be' },
  MissingArgument: { status: 400, code: '111', about: 'a parameter is missing' },
  RelationAlreadyExists: { status: 400, code: '112', about: 'it is among them already' },
  AlreadyRelated: { status: 409, code: '112', about: 'the two are related already' },
  DeleteRestrictionError: { status: 400, code: '113', about: 'others still need it' },
  UnknownResource: { status: 404, code: '114', about: 'nothing is related like this' },
  AddressInUse: { status: 409, code: '115', about: 'the address is in use' },
  Unauthorized: { status: 401, code: '401', about: 'the token is missing, or is not the right one' },
  Forbidden: { status: 403, code: '403', about: 'the Host header names another machine' },
  UnknownOperation: { status: 404, code: '404', about: 'no such path, or none with this method' },
  RequestTooLarge: { status: 413, code: '413', about: 'the request is too large' },
  UnsupportedMediaType: { status: 415, code: '415', about: 'the body is of a type that is not known' },
  Unavailable: {
    status: 503,
    code: '503',
    about:
      'the database is away, the host too busy, or a function failed; nothing is written, it may be tried again',
  },
} as const

export type ErrorClass = keyof typeof errorClasses

/** An error class as answers name it. */
export const errorName = (errorClass: ErrorClass) => `Vnet::Endpoints::${errorClass}`

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
      error: errorName(this.errorClass),
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
