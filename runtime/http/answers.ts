/**
 * Answers of API operations as data: an index. A field says what it may be and where its value comes from; what is
 * answered, its type and its description in the OpenAPI document follow from the same declaration.
 */
export * from './answers/field.ts'
export * from './answers/host.ts'
export * from './answers/page.ts'
export * from './answers/shape.ts'
export * from './answers/values.ts'
