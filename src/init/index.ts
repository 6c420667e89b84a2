/** The templates of `lockstep init`. */
import { calendar } from './calendar.ts'
import { chatDiscourse } from './chat-discourse.ts'
import { ingest } from './ingest.ts'
import type { Template } from './template.ts'

export const TEMPLATES: readonly Template[] = [chatDiscourse, calendar, ingest]
