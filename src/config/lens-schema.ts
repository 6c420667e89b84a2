/** The options by which a field of the configuration says more than "the same on both sides". */
import { z } from 'zod'

const zone = z.string().min(1)

const format = z
  .strictObject({
    as: z.enum(['line', 'word', 'text', 'number', 'date', 'time', 'yes-no', 'list']).optional().meta({
      description:
        'What stands in the text. Default: by the type of the field; a text is a `line`, rich text is `text` of several lines, a `word` has no spaces.',
    }),
    locale: z
      .string()
      .min(2)
      .optional()
      .meta({
        description: 'Whose way of writing numbers it is. Default: en-US.',
        examples: ['de-DE'],
      }),
    decimals: z.int().min(0).max(20).optional().meta({
      description:
        'So many digits after the decimal sign, always. A value with more is not written. Default: as many as there are.',
    }),
    currency: z
      .string()
      .length(3)
      .optional()
      .meta({
        description: 'The code of a currency that is shown with the number, and may be left out by whoever edits.',
        examples: ['EUR'],
      }),
    show_currency: z.enum(['sign', 'code']).optional().meta({ description: 'Default: `sign`.' }),
    grouping: z
      .boolean()
      .optional()
      .meta({ description: 'Whether thousands are set apart. Default: as the locale does.' }),
    negative: z.enum(['minus', 'accounting']).optional().meta({
      description: 'How numbers below zero are written; both are read. Default: `minus`.',
    }),
    pattern: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          'Of a date or time, made of `YYYY`, `MM`, `DD`, `M`, `D`, `HH`, `mm`, `ss`. Default: `YYYY-MM-DD`, with ` HH:mm` for times.',
        examples: ['DD.MM.YYYY'],
      }),
    zone: zone.optional().meta({ description: 'Whose clock shows times. Default: UTC.', examples: ['Europe/Berlin'] }),
    yes: z.string().min(1).optional().meta({ description: 'What stands for true. Default: `yes`.' }),
    no: z.string().min(1).optional().meta({ description: 'What stands for false. Default: `no`.' }),
    separator: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'What stands between the values of a list. Default: `, `.' }),
  })
  .meta({ description: 'How a value stands in a text.' })
export type FormatSetting = z.infer<typeof format>

export const spanSide = z
  .strictObject({
    start: z
      .string()
      .meta({ description: 'The field that holds when it starts: a date, a time, or a text of either.' }),
    end: z.string().meta({ description: 'The field that holds when it ends; of the same type.' }),
    all_day: z.string().optional().meta({
      description: 'The field that says whether it is all day. Without it a text says so by holding a date.',
    }),
    zone: z.string().optional().meta({ description: 'The field that names its time zone.' }),
    end_is: z.enum(['day_after', 'last_day']).optional().meta({
      description:
        'What the end of whole days is: the day after the last, or the last day itself. Default: `day_after`.',
    }),
  })
  .meta({ description: 'With `as: span`: how a side holds a span of time.' })
export type SpanSide = z.infer<typeof spanSide>

/** `filter`, `scalar`: as elsewhere in a flow. */
export function lensOptions<F extends z.ZodType, S extends z.ZodType>(filter: F, scalar: S) {
  return { ...conversionOptions(scalar), ...madeOptions(filter, scalar) }
}

function conversionOptions<S extends z.ZodType>(scalar: S) {
  return {
    map: z
      .record(z.string(), z.union([scalar, z.array(scalar).min(1)]))
      .optional()
      .meta({
        description:
          'By a value of `a`: the value of `b` that stands for it, or several of which the first is written. Several values of `a` may stand for one of `b`; a side keeps the one it holds. What the map does not name is told, and left alone.',
        examples: [{ open: 'confirmed', planned: 'tentative' }],
      }),
    format: format
      .optional()
      .meta({ description: 'Where one side is text and the other is not: how the value stands in the text.' }),
    zone: zone.optional().meta({
      description:
        'Where one side is a date and the other a time: whose day it is. With `as: span`: the zone of what names none.',
      examples: ['Europe/Berlin'],
    }),
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
      .optional()
      .meta({
        description: 'With `zone`: the time of day that a new one gets. Default: `00:00`.',
      }),
    minutes: z.int().min(0).max(525_600).optional().meta({
      description: 'With `as: span`: how long a time that has no end lasts. Without it, it cannot be read.',
    }),
    days: z.int().min(-366).max(366).optional().meta({
      description:
        'The date of `b` lies so many days after that of `a`: 1 where only `b` names the day after the last.',
    }),
  }
}

function madeOptions<F extends z.ZodType, S extends z.ZodType>(filter: F, scalar: S) {
  return {
    template: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          'The text of the one field that is named (`a` or `b`), made of fields of the other side in braces. `[ … ]` is left out where its fields are empty. It is read back, unless `way` leads only towards it.',
        examples: ['{title}[ · {amount} {currency}]'],
      }),
    formats: z
      .record(z.string(), format)
      .optional()
      .meta({ description: 'By a field of the template: how it stands there.' }),
    rules: z
      .array(
        z.strictObject({
          when: filter.optional().meta({
            description: 'Conditions on fields of the other side, all of which must hold. Without it: always.',
          }),
          value: scalar.meta({ description: 'What the field holds then.' }),
        }),
      )
      .min(1)
      .optional()
      .meta({
        description:
          'What the one field that is named holds: of the first rule whose conditions hold. Empty where none does.',
        examples: [[{ when: { amount: { below: 0 } }, value: 'red' }, { value: 'green' }]],
      }),
    others: z.enum(['keep', 'replace']).optional().meta({
      description:
        'With `rules`: what becomes of a value that a person chose and no rule gives. `keep`: it stays, whatever the rules say; `replace`: it stays until the rules say something new. Default: `keep`.',
    }),
    chosen: z.string().optional().meta({
      description:
        'With `rules`: the field of the other side that holds what a person chose. It travels both ways and goes before the rules.',
    }),
    lens: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'A file beside this one that exports a lens of your own, for what the options cannot say.',
        examples: ['./lens.ts'],
      }),
    value: scalar.optional().meta({ description: 'What the one field that is named holds on every item.' }),
  }
}
