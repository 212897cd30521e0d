'use strict';

// The check-in as a Node server: the same request, reads, script, journal
// entry and answer as lua-free-handlers/checkin.c.
// usage: node server.js CONFIG      (bench/Lab.pm writes it)

const crypto = require('node:crypto');
const fs = require('node:fs');

const fastify = require('fastify');
const { createClient, defineScript } = require('redis');

const conf = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const prefix = `wm:{${conf.district}}:`;
const keys = {};

for (const [purpose, hex] of Object.entries(conf.keys)) {
    keys[purpose] = crypto.createSecretKey(Buffer.from(hex, 'hex'));
}

const mac = (purpose, ...parts) => {
    const hmac = crypto.createHmac('sha256', keys[purpose]);
    for (const part of parts) {
        hmac.update(part);
    }
    return hmac.digest().subarray(0, 16);
};


// ---- Crockford's base32

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const VALUE = new Int8Array(128).fill(-1);

for (let i = 0; i < 32; i++) {
    VALUE[ALPHABET.charCodeAt(i)] = i;
    VALUE[ALPHABET.toLowerCase().charCodeAt(i)] = i;
}

function base32(bytes) {
    let text = '', acc = 0, bits = 0;

    for (const byte of bytes) {
        acc = (acc & 0xff) << 8 | byte;
        for (bits += 8; bits >= 5; ) {
            bits -= 5;
            text += ALPHABET[acc >> bits & 31];
        }
    }

    return bits > 0 ? text + ALPHABET[acc << 5 - bits & 31] : text;
}

function unbase32(text, n) {            // null: not exactly n bytes
    const out = Buffer.allocUnsafe(n);
    let acc = 0, bits = 0, at = 0;

    if (text.length !== Math.ceil(n * 8 / 5)) {
        return null;
    }

    for (let i = 0; i < text.length; i++) {
        const value = VALUE[text.charCodeAt(i)] ?? -1;
        if (value < 0) {
            return null;
        }
        acc = (acc & 0xff) << 5 | value;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out[at++] = acc >> bits;
        }
    }

    return (acc & (1 << bits) - 1) === 0 ? out : null;
}


// ---- signed values, docs/token.md

const length = (n) => Buffer.from([n >> 8, n & 0xff]);
const bound = Buffer.concat([
    Buffer.from('wenming/1\0'),
    length(conf.host.length), Buffer.from(conf.host),
    length(conf.district.length), Buffer.from(conf.district)
]);

function open(purpose, text, n) {
    const raw = unbase32(text, n + 16);

    if (raw === null) {
        return null;
    }

    const payload = raw.subarray(0, n);
    const good = mac(purpose, bound, length(n), payload);

    return crypto.timingSafeEqual(good, raw.subarray(n))
           && payload[1] === conf.key_id ? payload : null;
}

const cookie = new RegExp(`(?:^|; )wm_${conf.district}_device=([^;]*)`);

function openDevice(header, now) {
    const text = cookie.exec(header ?? '');
    const payload = text && open('device', text[1], 30);

    return payload && payload[0] === 0x20
           && now / 1000 - payload.readUInt32BE(26) < 180 * 86400
           ? payload.subarray(2, 12) : null;
}

function openTicket(text, now) {
    const payload = open('ticket', text, 23);

    return payload && payload[0] === 0x21
           && now < payload.readUInt32BE(6) * 1000
           ? { event: String(payload.readUInt32BE(2)),
               display: String(payload.readUInt16BE(10)),
               device: payload.subarray(12, 22),
               letter: payload[22] === 1 ? 't' : 's' }
           : null;
}


// ---- persons

function seal(key, aad, plain) {        // nonce, ciphertext, tag
    const nonce = crypto.randomBytes(12);
    const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce);

    cipher.setAAD(Buffer.from(aad));

    return Buffer.concat([nonce, cipher.update(plain), cipher.final(),
                          cipher.getAuthTag()]);
}


// ---- MessagePack: a flat list of steps, each a count and its words

function put(out, steps) {
    let words = 0;

    for (const step of steps) {
        out.push(Buffer.from([step.length]));
        words += 1 + step.length;

        for (const word of step) {
            const bytes = typeof word === 'string' ? Buffer.from(word) : word;
            const n = bytes.length;
            out.push(n < 32 ? Buffer.from([0xa0 + n])
                     : n < 256 ? Buffer.from([0xd9, n])
                     : Buffer.from([0xda, n >> 8, n & 0xff]), bytes);
        }
    }

    return words;
}

const array = (n) => Buffer.from(n < 16 ? [0x90 + n] : [0xdc, 0, n]);

const sha1 = (bytes) => crypto.createHash('sha1').update(bytes).digest('hex');

function pack(steps) {
    const out = [];
    const words = put(out, steps);

    return Buffer.concat([array(words), ...out]);
}

// Where effects begin, conditions, effects; and the digest of these.

function hide(needs, secret) {
    const out = [], inner = [];
    const before = put(out, needs), words = put(inner, secret);
    const bytes = Buffer.concat(inner);

    return [Buffer.concat([array(1 + before + words),
                           Buffer.from([2 + before]), ...out, bytes]),
            words > 0 ? sha1(bytes) : '-'];
}


// ---- the check-in

const redis = createClient({
    socket: { path: conf.socket },
    scripts: {
        commit: defineScript({
            SCRIPT: fs.readFileSync(conf.script, 'utf8'),
            NUMBER_OF_KEYS: 6,
            parseCommand(parser, words) {
                parser.push(...words);
            },
            transformReply: ([reply]) => reply
        })
    }
});

function commit(f, event, known) {
    const now = String(f.now);
    const person = `${prefix}person:${f.id}`;
    const eventKey = `${prefix}event:${f.ticket.event}`;
    const att = `${prefix}att:${f.ticket.event}`;
    const device = base32(f.ticket.device);
    const dev = `${prefix}dev:${device}`;
    const needs = [['heq', eventKey, 'version', event.version],
                   ['habsent', att, f.id]];
    const effects = [];
    const secret = [];

    if (!known) {
        const key = crypto.randomBytes(32);
        needs.push(['absent', person]);
        effects.push(['HSET', person, 'name', seal(key, f.id, f.name),
                      'phone', seal(key, f.id, f.phone), 'made', now]);
        secret.push(['HSET', person, 'key', seal(keys.wrap, f.id, key)]);
    }

    effects.push(['HSET', att, f.id,
                  `${now}:0:${f.ticket.letter}-:${f.ticket.display}`]);
    effects.push(['HSET', dev, `a:${f.ticket.event}:${f.id}`, now]);

    const [hidden, sealed] = hide(needs, secret);
    const packed = pack(effects);

    return redis.commit([`${prefix}journal`, `${prefix}head`, eventKey, att,
                         person, dev, '691200', now,
                         `attend.in device:${device} ${sealed} `
                         + sha1(packed), '', '', hidden, packed]);
}

const clock = (ms) => new Date(ms + 8 * 3600000).toISOString();

function done(reply, status, f, event, ms) {
    const time = clock(ms);

    reply.code(status);

    return {
        event: f.ticket.event, title: event.title, name: f.name,
        status: 'checked_in', again: status === 200,
        in: `${time.slice(0, 19)}+08:00`, in_text: time.slice(11, 16),
        out: '', out_text: '', how: 'screen', how_text: '现场扫码', level: 3
    };
}

function refuse(reply, status, code) {
    reply.code(status);

    return { type: `urn:wenming:${code}`, status, code };
}

// null: a condition did not hold

async function send(f, reply, event, known) {
    const result = await commit(f, event, known);

    if (result[0] === 'bad') {
        throw new Error(`commit: ${result[2]}`);
    }

    return result[0] === 'done' ? done(reply, 201, f, event, f.now) : null;
}

const events = new Map();               // id -> as read last

const isOpen = (event, now) =>
    event.status === 'published' && now >= Number(event.start) - 7200000
    && now <= Number(event.end) + 1800000;

async function readAndSend(f, reply) {
    const [event, record, person] = await Promise.all([
        redis.hGetAll(`${prefix}event:${f.ticket.event}`),
        redis.hGet(`${prefix}att:${f.ticket.event}`, f.id),
        redis.hGetAll(`${prefix}person:${f.id}`)
    ]);

    if (event.status === 'published' && record !== null) {
        return done(reply, 200, f, event, parseInt(record, 10));
    }

    if (!isOpen(event, f.now)) {
        return refuse(reply, 409, 'closed');
    }

    events.set(f.ticket.event, event);

    return send(f, reply, event, 'key' in person);
}

// Most are new: with the event at hand the commit goes out at once.  Its
// conditions hold the guess; where it was wrong, everything is read.

async function guess(f, reply) {
    const event = events.get(f.ticket.event);

    return event && isOpen(event, f.now) ? send(f, reply, event, false) : null;
}

async function checkin(request, reply) {
    const now = Date.now();
    const { name, phone, ticket } = request.body;
    const f = { name, phone, now, ticket: openTicket(ticket, now) };
    const device = openDevice(request.headers.cookie, now);

    if (!f.ticket || !device
        || !crypto.timingSafeEqual(f.ticket.device, device)) {
        return refuse(reply, 403, 'code_invalid');
    }

    // the name's normal form is the name here: no letters, no blanks

    f.id = base32(mac('index', `${phone}\0${name}\0phone`).subarray(0, 10));

    let result = await guess(f, reply);

    for (let i = 0; i < 5 && result === null; i++) {
        result = await readAndSend(f, reply);
    }

    return result ?? refuse(reply, 409, 'conflict');
}

const text = { type: 'string' };
const body = {
    type: 'object',
    required: ['ticket', 'name', 'phone'],
    properties: {
        ticket: { type: 'string', maxLength: 200 },
        who: text,
        name: { type: 'string', minLength: 1, maxLength: 50 },
        phone: { type: 'string', pattern: '^1[3-9][0-9]{9}$' }
    }
};
const answer = {
    type: 'object',
    properties: {
        event: text, title: text, name: text, status: text,
        again: { type: 'boolean' }, in: text, in_text: text, out: text,
        out_text: text, how: text, how_text: text,
        level: { type: 'integer' }
    }
};

async function main() {
    const app = fastify({ logger: false });

    app.post('/node/api/c', {
        schema: { body, response: { '2xx': answer } }
    }, checkin);

    redis.on('error', (error) => { throw error; });
    await redis.connect();
    await app.listen({ path: conf.listen });
    fs.chmodSync(conf.listen, 0o777);
}

main();
