/** What a changed configuration does to what is there: everything of a flow is planned anew at the next start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { productOf, type Product } from './product.ts'

const MINUTE = 60_000
const NO_SECRETS = { event: `, on_leave: delete, where: { a: { title: { not: "a secret" } } }` }

async function inStep(titles: readonly string[]): Promise<Product> {
  const product = await productOf(['ann'])
  for (const title of titles) product.db.add('event', { title }, product.shelf('ann'))
  await product.sync()
  assert.deepEqual(product.titles('ann').toSorted(), titles.toSorted())
  return product
}

const writes = ({ asked }: Product) => asked.filter((each) => ['create', 'update', 'delete'].includes(each.do)).length

// Seen red: without the plan anew the event stayed until somebody edited its row.
test('a filter that is new in the configuration holds for what is there already', async () => {
  const product = await inStep(['a secret', 'lunch', 'a walk'])
  const before = writes(product)
  await product.restart(['ann'])
  await product.run(10 * MINUTE)
  assert.equal(writes(product), before, 'the same configuration plans nothing')
  await product.restart(['ann'], NO_SECRETS)
  await product.run(10 * MINUTE)
  assert.deepEqual(product.titles('ann').toSorted(), ['a walk', 'lunch'])
  await product.restart(['ann'])
  await product.run(10 * MINUTE)
  assert.deepEqual(product.titles('ann').toSorted(), ['a secret', 'a walk', 'lunch'])
})

test('what a changed configuration would delete at once is held by the brake', async () => {
  const titles = [...Array.from({ length: 60 }, () => 'a secret'), 'lunch']
  const product = await inStep(titles)
  await product.restart(['ann'], NO_SECRETS)
  await product.run(10 * MINUTE)
  assert.ok(product.titles('ann').length > 40)
  const held = await product.store.heldList({ flow: null })
  assert.ok(held.length > 40 && held.every(({ reason }) => reason === 'brake'), String(held.length))
})
