/** Colours by their ids, counted from 1. The shades are the emulator's own; only the ids mean something. */

export const EVENT_COLORS = shades(11)
export const CALENDAR_COLORS = shades(24)

function shades(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const part = (step: number): string => (96 + ((index * step) % 128)).toString(16).padStart(2, '0')
    return `#${part(37)}${part(59)}${part(83)}`
  })
}
