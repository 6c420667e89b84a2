/** The mappings that come with the product, found by the names of the two connectors. */
import { googleChatDiscourse } from './google-chat--discourse.ts'
import { missiveAirtable } from './missive--airtable.ts'
import { missiveDatabase } from './missive--database.ts'
import { teamworkAirtable } from './teamwork--airtable.ts'
import { teamworkDatabase } from './teamwork--database.ts'
import { flipped, type Mapping } from './mapping.ts'

export { wallClock, type WallClock } from './dates.ts'
export { compareDecimals, decimalOf } from './decimal.ts'
export { direct } from './direct.ts'
export { files } from './files.ts'
export { asDate, asDayOf, asDecimal, asInstant, related, type Form } from './form.ts'
export {
  asText,
  asTyped,
  dateFormat,
  instantFormat,
  LINE,
  listFormat,
  numberFormat,
  TEXT,
  WORD,
  yesNo,
  type Format,
} from './format.ts'
export { plainTextOf } from './plain-text.ts'
export { people } from './people.ts'
export { merging } from './merging.ts'
export { reference } from './reference.ts'
export { constant, ruled, ruledOrChosen } from './rules.ts'
export { signed } from './signed.ts'
export { computed, template } from './template.ts'
export { ambiguity, parseTemplate, type Placed } from './template-text.ts'
export { span, type SpanForm } from './span.ts'
export { title } from './title.ts'
export { valueMap, type Twins } from './value-map.ts'
export type { Mapping, PairMapping } from './mapping.ts'

const MAPPINGS: readonly Mapping[] = [
  googleChatDiscourse,
  teamworkDatabase,
  missiveDatabase,
  teamworkAirtable,
  missiveAirtable,
]

/** Null: no mapping comes with the product, so that a flow has to bring its own. */
export function mappingOf(a: string, b: string): Mapping | null {
  for (const mapping of MAPPINGS) {
    if (mapping.connectors.a === a && mapping.connectors.b === b) return mapping
    if (mapping.connectors.a === b && mapping.connectors.b === a) return flipped(mapping)
  }
  return null
}
