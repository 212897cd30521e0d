/*
 * Builds what the pages load into DIR (build/web of the repository):
 *
 *     a/NAME-HASH.css, a/NAME-HASH.js, and .gz beside each
 *     parts/url-NAME-css.html ...      their addresses, for templates
 *     parts/style.html                 CSS that stands in a page itself
 *     parts/icon-NAME.html             an icon of icons.txt
 *     style-hash                       of the style, for the CSP
 *     elements.js                      loads the newest one of that name
 *     design-system/index.html         every component on one page
 *
 * A name has the hash of the content: it may be kept for ever.
 *
 *     node web/build.mjs DIR
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/*
 * What there is to load: source, and whether it stands in the page itself;
 * CSS that a script brings along as STYLE; and whether other sites name it,
 * which cannot know a hash.
 */

const BUNDLES = [
    { name: 'page', css: 'page.css', inline: true },
    { name: 'desk', css: 'desk.css' },
    { name: 'wall', css: 'wall.css' },
    { name: 'sheet', css: 'sheet.css' },
    { name: 'page', ts: 'ts/page.ts' },
    { name: 'desk', ts: 'ts/desk.ts' },
    { name: 'elements', ts: 'ts/elements.ts', style: 'css/elements.css',
      stable: true },
    { name: 'wall', ts: 'ts/wall.ts' },
    { name: 'scan', ts: 'ts/scan.ts' },
    { name: 'zxing', ts: 'ts/zxing.ts' },
    { name: 'charts', ts: 'ts/charts.ts' }
];

/* Files of packages, as they are. */

const FILES = [
    { name: 'zxing', kind: 'wasm', from: 'zxing-wasm/reader/zxing_reader.wasm' }
];

const web = import.meta.dirname
    ?? path.dirname(new URL(import.meta.url).pathname);
const out = path.resolve(process.argv[2]);
const require = createRequire(import.meta.url);


async function bundled(entry, style) {
    const result = await build({
        entryPoints: [path.join(web, entry)],
        bundle: true,
        minify: true,
        write: false,
        format: 'esm',
        target: ['es2020', 'chrome80', 'safari14', 'firefox78'],
        define: style ? { STYLE: JSON.stringify(style) } : {},
        legalComments: 'eof',
        logLevel: 'warning'
    });

    return Buffer.from(result.outputFiles[0].contents);
}


async function part(name, text) {
    await writeFile(path.join(out, 'parts', `${name}.html`), text);
}


async function keep(name, kind, content, stable) {
    const hash = createHash('sha256').update(content).digest('hex')
        .slice(0, 12);
    const file = `a/${name}-${hash}.${kind}`;

    await writeFile(path.join(out, file), content);
    await writeFile(path.join(out, `${file}.gz`),
                    gzipSync(content, { level: 9 }));
    await part(`url-${name}-${kind}`, file);

    if (stable) {
        await writeFile(path.join(out, `${name}.${kind}`),
                        `import "./${file}";\n`);
    }
}


async function stand(content) {
    const text = content.toString().trimEnd();
    const hash = createHash('sha256').update(text).digest('base64');

    if (text.includes('{{') || text.includes('</')) {
        throw new Error('a style in a page may not have {{ or </');
    }

    await part('style', text);

    return `sha256-${hash}`;
}


async function names(list) {
    const text = await readFile(path.join(web, list), 'utf8');

    return text.split('\n').filter((line) => line && !line.startsWith('#'));
}


/* Its own comment, classes and sizes go: CSS says how an icon looks. */

async function icon(name) {
    const svg = await readFile(
        require.resolve(`lucide-static/icons/${name}.svg`), 'utf8');
    const inside = svg.replace(/^[^]*?<svg[^>]*>|<\/svg>\s*$/g, '')
        .replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>');

    return '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">'
        + `${inside}</svg>`;
}


async function designSystem(style, icons) {
    const source = path.join(web, '../docs/design-system/index.html');
    const sheet = `<style>${style}</style>`;
    const page = (await readFile(source, 'utf8'))
        .replace('<!-- style -->', sheet)
        .replace('<!-- icons -->', [...icons].map(([name, svg]) =>
            `<li>${svg} ${name}</li>`).join('\n'))
        .replace(/<!-- icon ([a-z0-9-]+) -->/g, (all, name) => {
            if (!icons.has(name)) {
                throw new Error(`${source}: no icon ${name}`);
            }

            return icons.get(name);
        });

    await mkdir(path.join(out, 'design-system'));
    await writeFile(path.join(out, 'design-system/index.html'), page);
}


await rm(out, { recursive: true, force: true });
await mkdir(path.join(out, 'a'), { recursive: true });
await mkdir(path.join(out, 'parts'));

let styleHash = '';

for (const { name, css, ts, style, inline, stable } of BUNDLES) {
    const content = await bundled(
        css ?? ts, style && (await bundled(style)).toString().trimEnd());

    if (inline) {
        styleHash = await stand(content);

    } else {
        await keep(name, css ? 'css' : 'js', content, stable);
    }
}

for (const { name, kind, from } of FILES) {
    await keep(name, kind, await readFile(require.resolve(from)));
}

const icons = new Map();

for (const name of await names('icons.txt')) {
    icons.set(name, await icon(name));
    await part(`icon-${name}`, icons.get(name));
}

await designSystem((await bundled('components.css')).toString(), icons);

/* last: it says that the rest is there */

await writeFile(path.join(out, 'style-hash'), styleHash);
