/** What a webhook watches, as it is asked for. */
import { z } from 'zod'

const SOURCES = [
  'client',
  'publicApi',
  'formSubmission',
  'formPageSubmission',
  'automation',
  'system',
  'sync',
  'anonymousUser',
] as const

export const SPECIFICATION = z.strictObject({
  options: z.strictObject({
    filters: z.strictObject({
      dataTypes: z.array(z.enum(['tableData', 'tableFields', 'tableMetadata'])).min(1),
      recordChangeScope: z.string().optional(),
      changeTypes: z.array(z.enum(['add', 'update', 'remove'])).optional(),
      fromSources: z.array(z.enum(SOURCES)).optional(),
      sourceOptions: z.unknown().optional(),
      watchDataInFieldIds: z.array(z.string()).optional(),
      watchSchemasOfFieldIds: z.array(z.string()).optional(),
    }),
    includes: z
      .strictObject({
        includeCellValuesInFieldIds: z.union([z.literal('all'), z.array(z.string())]).optional(),
        includePreviousCellValues: z.boolean().optional(),
        includePreviousFieldDefinitions: z.boolean().optional(),
      })
      .optional(),
  }),
})

export type Specification = z.output<typeof SPECIFICATION>['options']
