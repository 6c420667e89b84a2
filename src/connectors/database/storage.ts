/** A bucket of S3, or of what speaks like it, as the place of files. Requests are signed (AWS Signature Version 4). */
import { AwsV4Signer } from 'aws4fetch'
import {
  failedAs,
  httpClient,
  type Digest,
  type Draws,
  type Failure,
  type HttpResponse,
  type Runtime,
} from '../../connector/index.ts'
import { storageBucket, type FilesPlace } from './config.ts'
import type { Kept } from './keeping.ts'
import { NOTHING } from './nothing.ts'

type Bucket = Exclude<FilesPlace, { readonly folder: string }>

export interface Storage extends Bucket {
  /** The id of an access key, and its secret. */
  readonly key: string
  readonly secret: string
}

export function bucketOf({ endpoint, bucket }: Bucket): Draws {
  return { [storageBucket]: `${endpoint} ${bucket}` }
}

export function storageOf(storage: Storage, runtime: Runtime): Kept {
  const { endpoint, bucket, prefix, region, key, secret } = storage
  const base = `${endpoint.replace(/\/$/, '')}/${bucket}/${prefix}`
  const client = httpClient({ baseUrl: base, draw: bucketOf(storage), failure, words }, runtime)
  const signed = async (method: string, url: string, digest: Digest): Promise<Record<string, string>> => {
    const signer = new AwsV4Signer({
      method,
      url,
      headers: { 'x-amz-content-sha256': digest },
      accessKeyId: key,
      secretAccessKey: secret,
      region,
      service: 's3',
      datetime: new Date(runtime.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, ''),
    })
    return Object.fromEntries((await signer.sign()).headers)
  }
  return {
    at: base,
    // The storage compares the bytes with the digest that is signed.
    async keep({ digest, size }, bytes) {
      const headers = await signed('PUT', base + digest, digest)
      await client.put(base + digest, { headers, sends: { size, bytes, type: 'application/octet-stream' } })
    },
    async open(digest) {
      const headers = await signed('GET', base + digest, NOTHING.digest)
      try {
        return await client.download(base + digest, { headers })
      } catch (error) {
        if (failedAs(error, 'missing')) return null
        throw error
      }
    },
  }
}

/** A key that is refused or a bucket that is not there is no trouble of the database: files wait until it is mended. */
function failure({ status, body }: HttpResponse): Failure | null {
  if (status === 404 && /<Code>NoSuchKey</.test(body)) return 'missing'
  if (status === 429 || /<Code>SlowDown</.test(body)) return 'limited'
  return status >= 300 ? 'unavailable' : null
}

function words({ body }: HttpResponse): string {
  const [, code] = /<Code>([^<]*)</.exec(body) ?? []
  const [, message] = /<Message>([^<]*)</.exec(body) ?? []
  return `the storage of files answers ${[code, message].filter((each) => each !== undefined).join(': ')}`
}
