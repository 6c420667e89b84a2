/** Numbers and times as people say them. */

export function ago(at: number | null, now: number): string {
  return at === null ? 'never' : `${duration(Math.max(0, now - at))} ago`
}

export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

export function moment(at: number): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

export function number(value: number): string {
  return value.toLocaleString('en-US')
}

export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : many}`
}

export function bytes(count: number): string {
  if (count < 1000) return counted(count, 'byte')
  const [unit, by] =
    count < 1e6 ? (['kB', 1e3] as const) : count < 1e9 ? (['MB', 1e6] as const) : (['GB', 1e9] as const)
  return `${Number((count / by).toFixed(1))} ${unit}`
}

/** '90m' ago, or an instant; null: neither. A date alone begins at midnight here. */
export function instantOf(text: string, now: number): number | null {
  const span = spanOf(text)
  if (span !== null) return now - span
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(date) : Number.NaN
  return Number.isNaN(at) ? null : at
}

/** '90m' in milliseconds; null: it is no length of time. */
export function spanOf(text: string): number | null {
  const span = /^(\d{1,6})([smhd])$/.exec(text)
  return span === null ? null : Number(span[1]) * (SPANS[span[2] ?? ''] ?? 0)
}

const SPANS: { readonly [unit: string]: number } = { s: 1000, m: 60_000, h: 3600_000, d: 86_400_000 }
