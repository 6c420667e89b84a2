/** Discourse: categories, topics and posts, with an API key. */
import { defineConnector, type Kind, type Page } from '../../connector/index.ts'
import { connect, probe, type Api } from './api.ts'
import { calls } from './calls.ts'
import { allCategories, createCategory, findCategory, getCategory, updateCategory } from './categories.ts'
import { configuration, limitsOf, type Config } from './config.ts'
import { pull } from './feed.ts'
import { list } from './listing.ts'
import { createPost, deletePost, emptyPost, findPost, getPost, updatePost } from './posts.ts'
import { createTopic, deleteTopic, findTopic, getTopic, updateTopic } from './topics.ts'
import { webhook } from './webhook.ts'

/** Seconds in which a request of unknown outcome may still take effect. */
const SETTLE = 60

const category: Kind<Api> = {
  fields: {
    name: { type: 'text', required: true },
    parent: { type: 'ref', to: 'category', written: 'on-create' },
  },
  is: 'container',
  match: ['name'],
  settle: SETTLE,
  get: getCategory,
  create: createCategory,
  find: findCategory,
  update: updateCategory,
}

const topic: Kind<Api> = {
  fields: {
    category: { type: 'ref', to: 'category', required: true },
    title: { type: 'text', required: true },
  },
  in: 'category',
  scopeField: 'category',
  head: 'post',
  takes: ['post'],
  settle: SETTLE,
  blind: {
    update: 'a new title is seen by webhook, or while the topic is among the thirty that moved last',
    delete: 'a deleted topic is seen by webhook',
    move: 'a new category is seen by webhook, or while the topic is among the thirty that moved last',
  },
  get: getTopic,
  create: createTopic,
  find: findTopic,
  update: updateTopic,
  delete: deleteTopic,
}

const post: Kind<Api> = {
  fields: {
    category: { type: 'ref', to: 'category', required: true, written: 'never' },
    topic: { type: 'ref', to: 'topic', required: true, written: 'on-create' },
    raw: { type: 'text', required: true },
  },
  in: 'category',
  scopeField: 'category',
  siblings: 'topic',
  ordered: true,
  compares: { update: 'system', empty: 'system', delete: 'connector' },
  settle: SETTLE,
  blind: {
    update:
      'an edit is seen by webhook, or while the post is among the newest; of a first post edited together with its title no webhook tells',
    delete: 'a deletion is seen by webhook, or as an own deletion while the post is among the newest',
    move: 'no webhook tells that a moderator moved a post to another topic',
  },
  get: getPost,
  create: createPost,
  find: findPost,
  update: updatePost,
  delete: deletePost,
  empty: emptyPost,
}

export const discourse = defineConnector<Config, Api>({
  name: 'discourse',
  title: 'Discourse',
  config: configuration,
  limits: limitsOf,
  calls,
  connect,
  probe,
  kinds: { category, topic, post },
  feeds: {
    site: { kinds: ['topic', 'post'], pull, list },
    categories: {
      kinds: ['category'],
      async *pull(call): AsyncGenerator<Page> {
        for await (const { changes, cursor } of allCategories(call)) yield { changes, cursor }
      },
      list: (call) => allCategories(call),
    },
  },
  webhook,
  unconfirmed: {
    'create: equal texts': {
      fact: 'Times of posts are taken with nine digits after the second, and tell two requests apart.',
      remedy: 'report it: of two equal texts of one moment, one would be left out',
    },
    containers: {
      fact: 'The list of categories names all of them, also where categories load lazily.',
      remedy: 'turn the site setting `lazy_load_categories` off, or name categories by their refs',
    },
  },
  link: (config, kind, { ref }) => {
    const path = kind === 'category' ? 'c' : kind === 'topic' ? 't' : 'p'
    return `${config.baseUrl}/${path}/${ref}`
  },
})
