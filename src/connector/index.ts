/** What the author of a connector sees. */
export * from './connector.ts'
export * from './failure.ts'
export * from './http.ts'
export * from './ports.ts'
export * from './signature.ts'
export * from './sql.ts'
export * from './values.ts'
export * from './webhooks.ts'
