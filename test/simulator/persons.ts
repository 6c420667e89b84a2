/** Who writes in each of the made-up systems: some have one name in several. */
import type { Person } from './board.ts'
import type { Place } from './shape.ts'

export const PEOPLE: { readonly [place in Place]: readonly Person[] } = {
  a: [
    { ref: 'ann', name: 'Ann' },
    { ref: 'bob', name: 'Bob' },
  ],
  b: [
    { ref: 'cyd', name: 'Cyd' },
    { ref: 'bob2', name: 'Bob' },
  ],
  c: [
    { ref: 'dan', name: 'Dan' },
    { ref: 'bob3', name: 'Bob' },
  ],
  d: [
    { ref: 'eve', name: 'Eve' },
    { ref: 'bob4', name: 'Bob' },
  ],
}
