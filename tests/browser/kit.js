/*
 * What the walks share: Chromium, checks that print a line each, pages kept
 * for axe to look through and for pictures.  A walk is a file beside this one
 * that exports async function run(kit); no script runs in its pages unless it
 * says so.
 *
 *     node kit.js WALK        with the site in WENMING_SITE, see site.pl
 */

'use strict';

const fs = require('fs');
const path = require('path');
const { chromium } = require('playwright-core');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const site = JSON.parse(process.env.WENMING_SITE);
const pictures = process.env.WENMING_PICTURES;
const phone = { viewport: { width: 360, height: 844 }, hasTouch: true };
const desk = { viewport: { width: 1366, height: 768 } };
const seen = { phone: new Map(), desk: new Map() };

let passed = 0;
let failed = 0;


function check(name, good, more) {
    if (good) {
        passed++;
        console.log(`ok    ${name}`);

    } else {
        failed++;
        console.log(`FAIL  ${name}${more ? `\n      ${more}` : ''}`);
    }
}


function at(address) {
    return `${site.url}/${address}`;
}


/* The day n days ahead, as a field of a date wants it. */

function day(n) {
    return new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);
}


async function shows(page, name, ...words) {
    const text = await page.locator('body').innerText();
    const missing = words.filter((w) => !text.includes(w));

    check(name, missing.length === 0,
          `${page.url()}: no ${missing.join(', ')} in\n${text}`);
}


/* Pages that axe is to look through, and pictures of them. */

async function keep(page, device, name) {
    seen[device].set(name, { address: page.url(),
                             html: await page.content() });

    if (pictures) {
        await page.screenshot({ fullPage: true,
                                path: path.join(pictures, `${name}.png`) });
    }
}


async function press(page, text) {
    await Promise.all([
        page.waitForNavigation(),
        page.locator('main').getByRole('button', { name: text, exact: true })
            .click()
    ]);
}


async function follow(page, text) {
    await Promise.all([
        page.waitForNavigation(),
        page.getByRole('link', { name: text }).first().click()
    ]);
}


async function code(page, event, kind) {
    const answer = await page.request.get(
        at(`api/staff/events/${event}/code?kind=${kind}`));

    return (await answer.json()).url;
}


/* ---- what axe finds */

async function looksThrough(browser, device, size, large) {
    const context = await browser.newContext({ ...size,
                                               javaScriptEnabled: true });
    const page = await context.newPage();

    /* the page as it was, with its own styles, and no way to act */

    for (const [name, { address, html }] of seen[device]) {
        await page.route(address, (route) => route.fulfill({
            contentType: 'text/html; charset=utf-8', body: html }));
        await page.goto(address);

        if (large) {
            await page.addStyleTag({ content: 'html { font-size: 200% }' });
        }

        await page.evaluate(axe);

        const found = await page.evaluate(() => axe.run(document));
        const grave = found.violations.filter(
            (v) => v.impact === 'serious' || v.impact === 'critical');

        check(`axe: ${device} ${name}${large ? ', large' : ''}`,
              grave.length === 0,
              grave.map((v) => `${v.id}: ${v.nodes.map((n) => n.html)
                  .join(' ')}`).join('\n      '));

        const wide = await page.evaluate(
            () => document.documentElement.scrollWidth
                  - document.documentElement.clientWidth);

        check(`nothing stands out: ${device} ${name}${large ? ', large'
              : ''}`, wide <= 0, `${wide} pixels`);
        await page.unroute(address);
    }

    await context.close();
}


/* A visitor with cookies of his own; more is as newContext() takes it. */

async function visitor(browser, device, more) {
    const context = await browser.newContext({
        javaScriptEnabled: false, locale: 'zh-CN',
        ...(device === 'desk' ? desk : phone), ...more
    });
    const page = await context.newPage();

    page.setDefaultTimeout(10000);

    return page;
}


async function signsIn(page, name, password) {
    await page.goto(at('staff/login'));
    await page.fill('[name=name]', name);
    await page.fill('[name=password]', password);
    await press(page, '登录');
}


async function main(walk) {
    const { run, args } = require(`./${walk}.js`);
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []),
               ...(args ?? [])]
    });
    const kit = {
        browser, site, phone, desk, pictures, axe, check, at, day, shows, keep,
        press, follow, code, signsIn,
        visitor: (device, more) => visitor(browser, device, more)
    };

    try {
        await run(kit);

        for (const large of [false, true]) {
            await looksThrough(browser, 'phone', phone, large);
            await looksThrough(browser, 'desk', desk, large);
        }

    } catch (e) {
        check(`${walk}: the way to the end`, false, e.stack);
    }

    await browser.close();
    console.log(`${walk}: ${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
}


main(process.argv[2]);
