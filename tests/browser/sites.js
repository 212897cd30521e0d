/*
 * Other people's pages with us in them: a WordPress, plain files, GBK, and a
 * page of another origin; see sites.pl.  Scripts run where it says so.
 */

'use strict';

const path = require('path');

let kit, site, check;

const script = { javaScriptEnabled: true };


/* The site's own faults are its own: axe looks at our elements only. */

async function picture(page, name) {
    const size = page.viewportSize();

    if (kit.pictures) {
        await page.screenshot({
            path: path.join(kit.pictures, `site-${name}.png`),
            fullPage: true,
            clip: { x: 0, y: 0, width: size.width, height: 1024 }
        });
    }
}


async function accessible(page, name) {
    await page.evaluate(kit.axe);

    const found = await page.evaluate(() => axe.run({
        include: [['wenming-menu'], ['wenming-timetable'], ['wenming-event']]
            .filter(([tag]) => document.querySelector(tag)) }));
    const grave = found.violations.filter(
        (v) => v.impact === 'serious' || v.impact === 'critical');

    check(`axe: ${name}`, grave.length === 0 && found.passes.length > 0,
          grave.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)
              .join('\n      '));
}


async function ready(page) {
    await page.waitForFunction(() => ['menu', 'timetable', 'event'].every(
        (n) => [...document.querySelectorAll(`wenming-${n}`)].every(
            (e) => e.shadowRoot && !e.hasAttribute('aria-busy'))));
}


/* What a reader sees of an element: its shadow, and what is slotted. */

async function seen(page, tag, n) {
    return page.locator(tag).nth(n ?? 0).evaluate((e) => {
        const slot = e.shadowRoot && e.shadowRoot.querySelector('slot');

        return slot === null ? e.shadowRoot.querySelector('.box').innerText
               : slot ? slot.assignedElements({ flatten: true })
                   .map((x) => x.innerText).join(' ') : e.innerText;
    });
}


async function fits(page, name) {
    const wide = await page.evaluate(
        () => document.documentElement.scrollWidth
              - document.documentElement.clientWidth);

    check(`nothing stands out: ${name}`, wide <= 0, `${wide} pixels`);
}


/* ---- WordPress */

async function ordersFromBlog() {
    const page = await kit.visitor('phone');

    await page.goto(`${site.blog}/services/`);
    await kit.shows(page, 'a page of the WordPress has the menu, without '
                    + 'script', '点单服务', '送书法');
    await kit.shows(page, 'and what is on, above its footer', '周末插花课');
    await picture(page, 'wordpress-menu-phone');
    await kit.follow(page, '送书法');
    await page.selectOption('[name=unit]', 'wenyilu-1');
    await page.locator('[name=wanted]').first().fill(kit.day(12));
    await page.fill('[name=head_count]', '25');
    await page.fill('[name=contact_name]', '示例居民乙');
    await page.fill('[name=phone]', '13900010001');
    await kit.press(page, '提交点单');
    await kit.shows(page, 'the link in it leads to an order', '点单成功',
                    '送书法');

    const desk = await kit.visitor('desk', script);

    await desk.goto(`${site.blog}/services/`);
    await picture(desk, 'wordpress-menu-desk');
}


async function elementInBlog() {
    for (const device of ['phone', 'desk']) {
        const page = await kit.visitor(device, script);

        await page.goto(`${site.blog}/week/`);
        await ready(page);

        const text = await seen(page, 'wenming-timetable');

        check(`the element in a page of the WordPress: ${device}`,
              text.includes('周末插花课') && text.includes('健康讲座')
              && !text.includes('二十日后'), text);
        await fits(page, `wordpress ${device}`);
        await accessible(page, `wordpress ${device}`);
        await picture(page, `wordpress-element-${device}`);

        await Promise.all([
            page.waitForNavigation(),
            page.locator('wenming-timetable')
                .getByRole('link', { name: '周末插花课' }).click()
        ]);
        await kit.shows(page, 'and its links lead on', '周末插花课',
                        '我要报名');
    }
}


async function signedIn() {
    const worker = await kit.visitor('desk');
    const page = await kit.visitor('phone', script);

    await kit.signsIn(worker, site.worker, site.password);
    await page.goto(`${site.blog}/wp-login.php`);
    await page.fill('#user_login', site.reader);
    await page.fill('#user_pass', site.reader_password);
    await Promise.all([page.waitForNavigation(),
                       page.click('#wp-submit')]);
    check('a resident signs in at the WordPress',
          page.url().includes('/wp-admin/'), page.url());

    await page.goto(await kit.code(worker, site.event, 'screen-in'));
    await kit.shows(page, 'the code on the wall knows who it is',
                    '示例居民甲', '139****0001');
    await picture(page, 'wordpress-scan-phone');
    await kit.press(page, '签到');
    await kit.shows(page, 'one tap, and he is there', '签到成功');
}


/* ---- plain files */

async function plainFiles() {
    for (const device of ['phone', 'desk']) {
        let page = await kit.visitor(device);

        await page.goto(`${site.static}/`);
        await kit.shows(page, `plain files take in the timetable: ${device}`,
                        '示例社区', '周末插花课', '社区简介');
        await picture(page, `static-ssi-${device}`);

        page = await kit.visitor(device, script);
        await page.goto(`${site.static}/elements.html`);
        await ready(page);
        check(`elements in a plain page: ${device}`,
              (await seen(page, 'wenming-timetable')).includes('周末插花课')
              && (await seen(page, 'wenming-event')).includes('我要报名'));
        check('a menu of six',
              await page.locator('wenming-menu li').count() === 6);

        const off = page.locator('wenming-timetable .wenming-off');

        check('what was cancelled is struck out, and said in words',
              (await off.innerText()).includes('已取消')
              && await off.locator('a').evaluate(
                  (a) => getComputedStyle(a).textDecorationLine)
              === 'line-through');
        await fits(page, `static ${device}`);
        await accessible(page, `static ${device}`);
        await picture(page, `static-element-${device}`);

        const color = await page.locator('wenming-event .wenming-go a')
            .evaluate((a) => getComputedStyle(a).backgroundColor);

        check('in the colour that the site gives',
              color === 'rgb(122, 43, 32)', color);
    }
}


async function unitOfPage() {
    const page = await kit.visitor('phone', script);

    await page.goto(`${site.static}/elements.html`);
    await ready(page);
    await Promise.all([
        page.waitForNavigation(),
        page.locator('wenming-menu li a').first().click()
    ]);
    check('an order from there is one of the unit',
          await page.inputValue('[name=unit]') === 'wenyilu-1');
}


async function changes() {
    const page = await kit.visitor('desk', script);
    const asked = [];

    page.on('request', (r) => asked.push(r.url()));
    await page.goto(`${site.static}/elements.html`);
    await ready(page);

    const before = asked.filter((u) => u.includes('fragment/')).length;

    check('each asks once', before === 3, asked.join(' '));
    await page.evaluate(() => {
        const e = document.querySelector('wenming-timetable');

        e.setAttribute('days', '28');
        e.setAttribute('unit', 'wenyilu-1');
    });
    await page.waitForFunction(() => document
        .querySelector('wenming-timetable').shadowRoot
        .querySelector('.box').innerText.includes('二十日后'));
    check('other attributes: asked again, once for all',
          asked.filter((u) => u.includes('fragment/')).length === before + 1);

    await page.evaluate(() => {
        const e = document.querySelector('wenming-timetable');

        e.setAttribute('unit', 'no-such-unit');
    });
    await ready(page);
    check('what is not there falls back to what stands in the page',
          await seen(page, 'wenming-timetable') === '查看课程表');
}


async function fallsBack() {
    let page = await kit.visitor('phone');

    await page.goto(`${site.static}/elements.html`);
    await kit.shows(page, 'without scripts there are the links',
                    '查看课程表', '查看服务菜单', '查看活动');
    await picture(page, 'static-no-script-phone');

    page = await kit.visitor('phone', script);
    await page.route('**/fragment/**', (route) => route.abort());
    await page.goto(`${site.static}/elements.html`);
    await ready(page);
    check('when nothing comes, the links stay',
          await seen(page, 'wenming-menu') === '查看服务菜单');

    page = await kit.visitor('phone', script);

    let release;
    const held = new Promise((done) => { release = done; });

    await page.route('**/fragment/menu**', async (route) => {
        await held;
        await route.continue();
    });
    await page.goto(`${site.static}/elements.html`);
    await page.waitForSelector('wenming-menu[aria-busy=true]');
    check('while it is under way, too',
          await seen(page, 'wenming-menu') === '查看服务菜单');
    release();
    await ready(page);
    check('until it is there',
          !(await seen(page, 'wenming-menu')).includes('查看服务菜单'));
}


async function strictPage() {
    const page = await kit.visitor('desk', script);
    const said = [];

    page.on('console', (m) => said.push(m.text()));
    await page.goto(`${site.static}/strict.html`);
    await ready(page);
    check('a strict CSP has nothing to say',
          !said.some((t) => /Content Security Policy/.test(t)),
          said.join('\n'));

    const radius = await page.locator('wenming-timetable .box')
        .evaluate((l) => getComputedStyle(l).borderRadius);

    check('and the element is dressed', radius === '8px', radius);
    check('an event that is none: a link to where it would be',
          (await seen(page, 'wenming-event', 0)).endsWith(
              '/wenming/event/77777'));
    check('and without a number to all of them',
          (await seen(page, 'wenming-event', 1)).endsWith(
              '/wenming/timetable'));
}


async function otherOrigin() {
    const page = await kit.visitor('desk', script);

    await page.goto(`${site.static}/else.html`);
    await ready(page);

    const text = await seen(page, 'wenming-event');

    check('a page of another origin shows them', text.includes('周末插花课'),
          text);
    check('with links to where they are from', await page
        .locator('wenming-event a').first().evaluate((a) => a.origin)
        === site.blog);
    check('and may read nothing else', await page.evaluate(async (url) => {
        try {
            await fetch(`${url}/api/me`);
            return false;
        } catch {
            return true;
        }
    }, site.url));
}


async function dark() {
    const page = await kit.visitor('phone', { ...script,
                                              colorScheme: 'dark' });

    await page.goto(`${site.blog}/week/`);
    await ready(page);

    const element = page.locator('wenming-timetable');
    const card = () => element.locator('.box')
        .evaluate((l) => getComputedStyle(l).backgroundColor);

    check('light in a light page, whatever the phone has',
          await card() === 'rgb(255, 255, 255)', await card());
    await element.evaluate((e) => e.setAttribute('theme', 'auto'));
    check('dark where the page asks for it',
          await card() === 'rgb(29, 29, 29)', await card());
    await accessible(page, 'dark');
    await picture(page, 'dark-phone');
}


/* ---- GBK */

async function gbk() {
    for (const device of ['phone', 'desk']) {
        const page = await kit.visitor(device, script);

        await page.goto(`${site.gbk}/`);
        await ready(page);
        check('the page is in GBK',
              await page.evaluate(() => document.characterSet) === 'GBK');
        await kit.shows(page, `and has the timetable: ${device}`,
                        '示例社区居民委员会', '周末插花课');
        check('and the element', (await seen(page, 'wenming-menu'))
            .includes('送书法'), await seen(page, 'wenming-menu'));
        await fits(page, `gbk ${device}`);
        await accessible(page, `gbk ${device}`);
        await picture(page, `gbk-${device}`);
    }
}


exports.run = async function run(given) {
    kit = given;
    ({ site, check } = kit);

    await ordersFromBlog();
    await elementInBlog();
    await signedIn();
    await plainFiles();
    await unitOfPage();
    await changes();
    await fallsBack();
    await strictPage();
    await otherOrigin();
    await dark();
    await gbk();
};
