/*
 * The screen on the wall, with its script: what a camera at the back reads of
 * it, what it does when the servers go away, and the poster on paper.
 */

'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const { execFileSync } = require('child_process');

const PROMISE_MS = 5000;                /* then a wall that is cut off says so */
const SLACK_MS = 500;                   /* of a busy machine that looks at it */
const sizes = [[1920, 1080], [1366, 768], [1080, 1920]];
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wenming-wall.'));


/* Has site.pl do something to the servers; when it was done. */

async function order(what) {
    const file = process.env.WENMING_ORDERS;

    fs.rmSync(`${file}.done`, { force: true });
    fs.writeFileSync(`${file}.new`, `${what}\n`);
    fs.renameSync(`${file}.new`, file);

    while (!fs.existsSync(`${file}.done`)) {
        await new Promise((go) => setTimeout(go, 20));
    }

    return Date.now();
}


function decode(picture) {
    const file = path.join(dir, 'seen.png');

    fs.writeFileSync(file, picture);

    try {
        return execFileSync('zbarimg', ['-q', '--raw', '-Sdisable',
                                        '-Sqrcode.enable', '--nodbus', file],
                            { stdio: ['ignore', 'pipe', 'ignore'] })
            .toString().trim();

    } catch {
        return '';
    }
}


/* A picture as a camera far away takes it: small, and out of focus. */

async function fromAfar(page, picture, [width, height], scale, blur) {
    const w = Math.round(width * scale);
    const h = Math.round(height * scale);

    await page.setViewportSize({ width: w, height: h });
    await page.setContent(
        `<body style="margin:0"><img id="i" style="display:block;width:${w}px;`
        + `height:${h}px;filter:blur(${blur}px)" src="data:image/png;base64,`
        + `${picture.toString('base64')}"></body>`);
    await page.evaluate(() => document.getElementById('i').decode());

    return page.screenshot();
}


async function isRead({ browser, check, pictures }, screens, address) {
    const context = await browser.newContext();
    const afar = await context.newPage();

    for (const size of sizes) {
        const [width, height] = size;
        const page = screens;

        await page.setViewportSize({ width, height });
        await page.waitForFunction(
            () => document.querySelector('img.qr')?.complete);

        const picture = await page.screenshot();

        if (pictures) {
            fs.writeFileSync(path.join(pictures,
                                       `screen-${width}x${height}.png`),
                             picture);
        }

        for (const [scale, blur] of [[1, 0], [0.12, 0.5]]) {
            const seen = scale === 1
                ? picture : await fromAfar(afar, picture, size, scale, blur);
            const said = decode(seen);

            check(`${width}x${height} at ${scale * 100} %, blur ${blur}:`
                  + ' a scanner reads it',
                  /^[^ ]+\/c\/[0-9A-Z]{45}$/.test(said)
                  && said.startsWith(address), said || 'nothing');
        }

        const wide = await page.evaluate(() => [
            document.documentElement.scrollWidth - innerWidth,
            ...[...document.querySelectorAll('.side > *')].map((e) =>
                Math.max(e.getBoundingClientRect().right - innerWidth,
                         e.getBoundingClientRect().bottom - innerHeight))]);

        check(`${width}x${height}: nothing stands out`,
              wide.every((n) => n <= 2), String(wide));
    }

    await context.close();
}


/* What somebody in front of it sees. */

function seen(page) {
    return page.evaluate(() => {
        const shown = (e) => e !== null && e.checkVisibility({
            visibilityProperty: true });

        return {
            code: [...document.querySelectorAll('img.qr'),
                   document.querySelector('.digits')].some(
                (e) => shown(e) && (e.src || /\d/.test(e.textContent))),
            cut: shown(document.querySelector('.notice.cut')),
            down: shown(document.querySelector('.notice.down')),
            over: shown(document.querySelector('.notice.over')),
            clock: document.querySelector('.clock').textContent,
            count: document.querySelector('.count b').textContent
        };
    });
}


async function until(page, ms, good) {
    const end = Date.now() + ms;

    for (;;) {
        const now = await seen(page);

        if (good(now)) {
            return Date.now();
        }

        if (Date.now() > end) {
            return 0;
        }

        await new Promise((go) => setTimeout(go, 50));
    }
}


/* The server is unwell (down), or nothing comes through (cut). */

async function goesAway({ check }, page, name, stop, start, why) {
    const before = await until(page, 20000, (s) => s.code);

    check(`${name}: a code is shown before`, before > 0);

    const stopped = await order(stop);
    const gone = await until(page, 15000, (s) => !s.code && s[why]);
    const took = gone - stopped;

    check(`${name}: within ${PROMISE_MS} ms no code, and it says so`,
          gone > 0 && took <= PROMISE_MS + SLACK_MS, `${took} ms`);
    console.log(`      ${name}: ${took} ms`);

    await order(start);
    check(`${name}: it comes back by itself`,
          await until(page, 30000, (s) => s.code && !s[why]) > 0);
}


async function run(kit) {
    const { check, at, keep, press, follow, signsIn, visitor, site,
            shows } = kit;
    const office = await visitor('desk');
    const desk = `staff/events/${site.event}`;
    const faults = [];

    await signsIn(office, site.worker, site.password);
    await office.goto(at(desk));
    await follow(office, '多块屏幕');
    await shows(office, 'screens have names and short codes', '屏幕 1',
                '屏幕 2', '/tv');
    await keep(office, 'desk', 'staff-screens');

    const opener = await office.locator('.tv-code').first().innerText();
    const wall = await visitor('desk', { javaScriptEnabled: true });

    wall.on('console', (m) => {
        if (/Content Security Policy/.test(m.text())) {
            faults.push(m.text());
        }
    });
    wall.on('pageerror', (e) => faults.push(e.stack));

    await wall.goto(at('tv'));
    await wall.fill('[name=code]', opener);
    await press(wall, '打开');
    check('8 digits open the screen', /\/screen\/\d+\?pass=/.test(wall.url()),
          wall.url());

    await isRead(kit, wall, at('c/'));
    await wall.setViewportSize({ width: 1366, height: 768 });

    /* the server's clock, not this one's */

    check('the clock ticks',
          /^\d\d:\d\d:\d\d$/.test((await seen(wall)).clock));

    /* two screens agree */

    const other = await visitor('desk', { javaScriptEnabled: true });

    await other.goto(await office.locator('a[target=_blank]').nth(1)
        .getAttribute('href'));
    check('a second screen shows the same digits', await until(other, 20000,
        (s) => s.code) > 0 && await until(wall, 20000, (s) => s.code) > 0
        && await agree(wall, other));

    await old(kit, other, await office.locator('a[target=_blank]').first()
        .getAttribute('href'));

    await goesAway(kit, wall, 'Redis silent', 'redis pause', 'redis go on',
                   'down');
    await goesAway(kit, wall, 'Redis killed', 'redis kill', 'redis start',
                   'down');
    await goesAway(kit, wall, 'nginx stopped', 'nginx stop', 'nginx start',
                   'cut');

    check('the policy of the page is kept, and its script breaks nowhere',
          faults.length === 0, faults.join('\n'));

    /* all are closed */

    await office.goto(at(`${desk}/screens`));
    await office.locator('summary').filter({ hasText: '关闭全部' }).click();
    await press(office, '确定全部关闭');
    check('closed: it says so and shows no code',
          await until(wall, 10000, (s) => s.over && !s.code) > 0);

    await paper(kit, office, desk);
}


/* A code that nothing renews does not stay, whatever it was that failed. */

async function old({ check, visitor }, other, address) {
    const scriptless = await visitor('desk', { javaScriptEnabled: true });
    const images = '**/qr.svg*';

    await scriptless.route('**/a/wall-*.js', (route) => route.abort());
    await scriptless.goto(address);
    check('without its script the page shows a code',
          (await seen(scriptless)).code);
    await other.route(images, (route) => route.abort());

    /* one whose very first image is all that ever came */

    const first = await visitor('desk', { javaScriptEnabled: true });
    let came = 0;

    await first.route(images, (route) => (came++ === 0 ? route.continue()
                                                       : route.abort()));
    await first.goto(address);

    /* two slots of 15 s, and a little */

    const [page, image, only] = await Promise.all([
        until(scriptless, 35000, (s) => !s.code),
        until(other, 35000, (s) => !s.code && s.cut),
        until(first, 35000, (s) => !s.code && s.cut)]);

    check('and covers it when it is too old', page > 0);
    check('an image that does not come leaves no old one', image > 0);
    check('nor the one that the page came with', only > 0);

    await other.unroute(images);
    check('and is there again when it comes',
          await until(other, 5000, (s) => s.code && !s.cut) > 0);
    await first.close();
    await scriptless.close();
}


async function agree(one, other) {
    for (let i = 0; i < 5; i++) {
        const [a, b] = await Promise.all([one, other].map(
            (p) => p.locator('.digits').innerText()));

        if (a === b && /^\d{6}$/.test(a)) {
            return true;
        }

        await new Promise((go) => setTimeout(go, 2500));
    }

    return false;
}


/* ---- the poster */

async function paper(kit, page, desk) {
    const { check, at, keep, press, shows } = kit;

    await page.goto(at(`${desk}/poster`));
    await press(page, '制作海报');
    await shows(page, 'a poster says when, where and how', '扫码签到',
                '健康讲座', '打开微信', '有效时间');
    await keep(page, 'desk', 'staff-poster');
    await page.goto(await printed(kit, page, 'poster'));
    await shows(page, 'which leads to the check-in', '健康讲座', '签到');

    /* as much as an event can have to say */

    const answer = await page.request.patch(at(`api/${desk}`), {
        data: { title: '题'.repeat(80), place: '处'.repeat(120) } });

    check('the event moves', answer.ok(), await answer.text());
    await page.goto(at(`${desk}/poster`));
    await shows(page, 'which takes the poster down', '原来的海报已经失效');
    await press(page, '制作海报');
    await printed(kit, page, 'poster-long');
}


/* Prints the page, and reads the paper: what its code says. */

async function printed({ check, at, pictures }, page, name) {
    const file = path.join(dir, name);

    await page.pdf({ path: `${file}.pdf`, preferCSSPageSize: true });
    execFileSync('pdftoppm', ['-r', '150', '-png', `${file}.pdf`, file]);

    const pages = fs.readdirSync(dir).filter(
        (f) => f.startsWith(`${name}-`) && /-\d+\.png$/.test(f));

    check(`${name}: printed on one page`, pages.length === 1, pages.join(' '));

    const picture = fs.readFileSync(path.join(dir, pages[0]));

    if (pictures) {
        fs.writeFileSync(path.join(pictures, `${name}.png`), picture);
    }

    const said = decode(picture);

    check(`${name}: a scanner reads it from paper`,
          said.startsWith(at('c/')), said);

    return said;
}


module.exports = { run };
