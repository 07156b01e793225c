// A store that speaks S3, for tests: s3rver, with what it lacks. It lists and ends multipart uploads, answers only when content is in its
// file, and gives lists in short pages. Prints its port, and ends when its input does.
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { pipeline } = require('stream/promises');
const S3rver = require('s3rver');
const { concatStreams } = require('s3rver/lib/utils');

const bucket = 'blobs';
const mostListed = '3';
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'itsm-s3-'));
const server = new S3rver({
  port: 0, address: '127.0.0.1', directory, silent: true, vhostBuckets: false, configureBuckets: [{ name: bucket }],
});
const { store } = server;
const folderOf = upload => path.join(store.getResourcePath(bucket, undefined, 'uploads'), upload);

async function write(file, content) {
  const hash = crypto.createHash('md5');
  let size = 0;
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  await pipeline(content, async function* (chunks) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }, fs.createWriteStream(file));
  return { size, md5: hash.digest('hex') };
}

store.putObject = async object => {
  const stored = await write(store.getResourcePath(object.bucket, object.key, 'object'), object.content);
  await store.putMetadata(object.bucket, object.key, object.metadata, stored.md5);
  return stored;
};
store.putPart = (_, upload, number, content) => write(path.join(folderOf(upload), number), content);
store.putObjectMultipart = async (_, upload, parts) => {
  const key = fs.readFileSync(path.join(folderOf(upload), 'key'), 'utf8');
  const content = concatStreams(parts.map(part => fs.createReadStream(path.join(folderOf(upload), `${part.number}`))));
  const stored = await store.putObject({ bucket, key, content, metadata: {} });
  fs.rmSync(folderOf(upload), { recursive: true });
  return stored;
};

server.middleware.unshift(async (ctx, next) => {
  const upload = ctx.query.uploadId;
  if (upload && !fs.existsSync(folderOf(upload))) {
    ctx.status = 404;
    ctx.body = '<Error><Code>NoSuchUpload</Code><Message>The specified upload does not exist.</Message></Error>';
  } else if (upload && ctx.method === 'DELETE') {
    fs.rmSync(folderOf(upload), { recursive: true });
    ctx.status = 204;
  } else if ('uploads' in ctx.query && ctx.method === 'GET') {
    const all = fs.existsSync(folderOf('')) ? fs.readdirSync(folderOf('')) : [];
    const found = all.map(id => ({ id, key: fs.readFileSync(path.join(folderOf(id), 'key'), 'utf8') }))
      .filter(one => one.key.startsWith(ctx.query.prefix));
    ctx.type = 'application/xml';
    ctx.body = `<ListMultipartUploadsResult><Bucket>${bucket}</Bucket><IsTruncated>false</IsTruncated>${found.map(one =>
      `<Upload><Key>${one.key}</Key><UploadId>${one.id}</UploadId></Upload>`).join('')}</ListMultipartUploadsResult>`;
  } else {
    if (ctx.query['list-type']) {
      ctx.query = { ...ctx.query, 'max-keys': mostListed };
    }

    await next();
  }
});

server.run().then(({ port }) => console.log(port));
process.on('exit', () => fs.rmSync(directory, { recursive: true, force: true }));
process.stdin.resume().on('end', () => process.exit());
