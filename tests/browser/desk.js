/*
 * The workers' desk: the board by mouse, by keys and on a phone; what was
 * typed outlives a session, a page and a network; the roster by itself.
 */

'use strict';

const path = require('path');

let kit, site;
let check, at, day, shows, keep, press;


/* Where one is asked to, not at the door. */

async function enters(page) {
    await page.fill('[name=name]', site.worker);
    await page.fill('[name=password]', site.password);
    await press(page, '登录');
}


async function orders(page, n) {
    for (let i = 0; i < n; i++) {
        const answer = await page.request.post(at('api/staff/orders'), {
            data: { course: 'law-01', unit: 'wenyilu-1', wanted: [day(12)],
                    head_count: 10 + i, contact_name: `示例居民${i}`,
                    phone: `1390002000${i}` }
        });

        check('an order by phone', answer.status() === 201);
    }
}


/* Without scripts. */

async function plain(page) {
    await page.goto(at('staff/orders/board'));
    await shows(page, 'signing in is asked for first', '工作人员登录');
    await enters(page);
    check('and leads to the board that was wanted',
          page.url() === at('staff/orders/board'));
    await orders(page, 4);
    await page.reload();
    await shows(page, 'a column for each state', '待派单', '待接单', '待排课');
    await keep(page, 'desk', 'staff-board');
    await page.locator('.ticket').first()
        .getByRole('link', { name: '派单' }).click();
    check('a step opens on the page of the order',
          await page.locator('details[open]').count() === 1);

    await page.goto(at('staff/events/new'));
    await page.fill('[name=title]', '写了半天的活动');
    await page.context().clearCookies();
    await press(page, '存为草稿');
    await shows(page, 'a session that ended is said, and nothing is lost',
                '登录已超时', '您刚才填的内容还在');
    await keep(page, 'desk', 'staff-login-over');
    await enters(page);
    check('the form is there, filled in',
          await page.inputValue('[name=title]') === '写了半天的活动');
}


async function steps(page) {
    const column = (status) => page.locator(`[data-status=${status}]`);
    const first = () => column('submitted').locator('.ticket').first();

    await page.goto(at('staff/orders/board'));
    await enters(page);
    await first().dragTo(column('dispatched'));
    check('a card that is dragged asks for a team',
          await page.locator('dialog[open]').count() === 1);
    await keep(page, 'desk', 'staff-board-step');
    await page.selectOption('#step-team', 'lecturers');
    await Promise.all([page.waitForNavigation(), page.click('#step-go')]);
    check('and is in its column then',
          await column('dispatched').locator('.ticket').count() === 1);

    await column('dispatched').locator('.ticket').focus();
    await Promise.all([page.waitForNavigation(),
                       page.keyboard.press('Shift+ArrowRight')]);
    check('Shift and an arrow take it on',
          await column('accepted').locator('.ticket').count() === 1);

    await first().focus();
    await page.keyboard.press('ArrowRight');
    check('arrows go from card to card', await page.evaluate(
        () => document.activeElement.closest('[data-status]')
            .dataset.status) === 'accepted');
    await first().focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Shift+ArrowRight');
    check('by keys, a step asks too',
          await page.locator('dialog[open]').count() === 1);
    await page.click('#step-no');

    for (const box of await column('submitted').locator('[type=checkbox]')
        .all())
    {
        await box.check();
    }

    await press(page, '选中的合成一场活动');
    await shows(page, 'chosen cards become one event', '本场活动的点单');
}


async function drafts(page) {
    await page.goto(at('staff/events/new'));
    await page.fill('[name=title]', '还没提交的活动');
    await page.goto(at('staff/'));
    await page.goto(at('staff/events/new'));
    check('what was typed is there again',
          await page.inputValue('[name=title]') === '还没提交的活动');
    await shows(page, 'and it is said so', '上次没有提交的内容已经恢复');
    await page.context().setOffline(true);
    await page.locator('button', { hasText: '存为草稿' }).click();
    await shows(page, 'without a network nothing is sent', '现在没有网络');
    check('nor lost',
          await page.inputValue('[name=title]') === '还没提交的活动');
    await page.context().setOffline(false);
    await press(page, '存为草稿');
    await shows(page, 'then it is', '还没提交的活动', '草稿');
    await page.goto(at('staff/events/new'));
    check('what was taken is no draft any more',
          await page.inputValue('[name=title]') === '');
}


/* How many drafts the browser has. */

function kept(page) {
    return page.evaluate(() => [localStorage, sessionStorage]
        .flatMap((store) => Object.keys(store))
        .filter((key) => key.startsWith('wenming-draft:')).length);
}


async function leaves(page) {
    await page.goto(at('staff/events/new'));
    await page.fill('[name=title]', '写到一半');
    await page.goto(at(`staff/events/${site.event}/roster`));
    await page.fill('[name=name]', '还没登记的老人');
    check('two forms are kept', await kept(page) === 2);
    await Promise.all([page.waitForNavigation(),
                       page.locator('header button').click()]);
    check('who signs out leaves nothing of them', await kept(page) === 0);
    await page.goto(at('staff/events/new'));
    await enters(page);
    check('nor are they there afterwards',
          await page.inputValue('[name=title]') === '');
}


/* A form that begins with something is not what was typed elsewhere. */

async function begins(page) {
    const title = () => page.inputValue('[name=title]');
    const like = at(`staff/events/new?like=${site.event}`);

    await page.goto(at('staff/events/new'));
    await page.fill('[name=title]', '另外一场活动');
    await page.goto(like);
    check('another like it does not get the draft of a new one',
          await title() === '健康讲座', await title());
    await page.fill('[name=title]', '健康讲座第二场');
    await page.goto(at('staff/events/new'));
    check('and each keeps its own', await title() === '另外一场活动',
          await title());
    await page.goto(like);
    check('also that one', await title() === '健康讲座第二场',
          await title());
    await press(page, '直接发布');
    await page.fill('[name=title]', '健康讲座第三场');
    await press(page, '存为草稿');
    await page.goto(like);
    check('until it is taken', await title() === '健康讲座', await title());
    await page.goto(at('staff/events/new'));
    await page.getByRole('button', { name: '不要了' }).click();
}


/* Whose card it is stays nowhere. */

async function scans(page) {
    await page.goto(at(`staff/events/${site.event}/scan`));
    await page.fill('#card', 'HERE-IS-A-CARD');
    check('a card is no draft', await page.evaluate(
        () => !JSON.stringify({ ...sessionStorage, ...localStorage })
            .includes('HERE-IS-A-CARD')));
}


async function roster(page, other) {
    await page.goto(at(`staff/events/${site.event}/roster`));
    await page.fill('[name=name]', '没带手机的老人');
    await press(page, '登记签到');
    check('a name that was taken is no draft',
          await page.inputValue('[name=name]') === '');
    await press(page, '登记签退');
    await shows(page, 'who left is named, and how to take it back',
                '已登记签退：没带手机的老人', '撤销签退');
    await page.locator('summary', { hasText: '更正' }).first().click();
    check('which is what a correction begins with',
          await page.locator('[name=what]').inputValue() === 'reopen');
    await page.locator('[name=reason]').first().fill('登记错了人');
    await press(page, '申请更正');
    await shows(page, 'a correction waits for another', '已申请',
                '等另一位工作人员确认');
    await keep(page, 'desk', 'staff-roster-fix');

    await other.request.post(
        at(`api/staff/events/${site.event}/attendance`),
        { data: { name: '刚到的人' } });
    await page.locator('#rows', { hasText: '刚到的人' }).waitFor();
    check('who comes meanwhile appears',
          await page.locator('#present').innerText() === '2');
}


/* The page of components: none is forgotten that a style sheet knows. */

async function components(page) {
    const address = at('design-system');

    await page.route(address, (route) => route.fulfill({
        contentType: 'text/html; charset=utf-8',
        path: path.join(__dirname, '../../build/web/design-system/index.html')
    }));
    await page.goto(address);

    const all = await page.evaluate(() => {
        const known = new Set();
        const shown = new Set([...document.querySelectorAll('[class]')]
            .flatMap((e) => [...e.classList]));
        const read = (rules) => [...rules].forEach((rule) => {
            for (const [, name] of (rule.selectorText ?? '')
                .matchAll(/\.([a-z][a-z0-9-]*)/g))
            {
                known.add(name);
            }

            read(rule.cssRules ?? []);
        });

        [...document.styleSheets].forEach((s) => read(s.cssRules));

        /* marks of a whole page: the tab that is lit, large print, the wall */

        return { known: known.size, missing: [...known].filter(
            (n) => !shown.has(n) && !/^at-|^large$|^wall$/.test(n)) };
    });

    check('every component stands on the page of components',
          all.known > 100 && all.missing.length === 0,
          `${all.known} known, missing: ${all.missing.join(' ')}`);
    await keep(page, 'desk', 'components');
    await page.setViewportSize({ width: 360, height: 844 });
    await keep(page, 'phone', 'components-phone');
}


/* A course from an empty form to the menu: one writes, another reviews. */

async function courses(page, other, mine) {
    await page.goto(at('staff/courses'));
    await shows(page, 'the courses of the menu', '已发布', '新建课程');
    await keep(page, 'desk', 'staff-courses');
    await kit.follow(page, '新建课程');
    await page.fill('[name=title]', '手机课堂');
    await page.fill('[name=summary]', '从开机讲起');
    await press(page, '保存并送审');
    await shows(page, 'what is missing is said at its field',
                '这一项必须填写');
    check('and what was typed is kept',
          await page.inputValue('[name=summary]') === '从开机讲起');
    await keep(page, 'desk', 'staff-course-new');
    await page.selectOption('[name=practice]', 'theory');
    await page.selectOption('[name=project]', 'party');
    await page.fill('[name=audience]', '老年人');
    await page.fill('[name=duration_min]', '60');
    await press(page, '保存并送审');
    await shows(page, 'it waits for another', '待审核',
                '正在等没有参与编写的工作人员审核');

    const address = page.url();

    await other.goto(address);
    await shows(other, 'who reads it all', '从开机讲起', '编写人：zhuangan');
    await keep(other, 'desk', 'staff-course');
    await press(other, '审核通过并发布');
    await shows(other, 'and publishes it', '已发布');
    await page.goto(at('menu?q=' + encodeURIComponent('手机课堂')));
    await shows(page, 'the menu has it', '手机课堂');

    await mine.goto(address);
    await mine.fill('[name=title]', '智能手机课堂');
    await press(mine, '存为草稿');
    await shows(mine, 'a change is a draft beside it', '草稿',
                '原内容仍在菜单上', '菜单上现在的内容');
    await keep(mine, 'phone', 'staff-course-phone');
    await mine.goto(at('staff/courses?status=draft'));
    await shows(mine, 'the list on a phone', '智能手机课堂');
    await keep(mine, 'phone', 'staff-courses-phone');
}


/* A wish that somebody without a phone tells a worker. */

async function wish(page, mine) {
    await page.goto(at('staff/wishes'));
    await kit.follow(page, '代录心愿');
    await page.fill('[name=wish]', '想理发');
    await press(page, '提交心愿');
    await shows(page, 'who and what kind are asked for', '这一项必须填写');
    check('what was typed is kept',
          await page.inputValue('[name=wish]') === '想理发');
    await keep(page, 'desk', 'staff-wish-new');
    await page.selectOption('[name=category]', 'life');
    await page.fill('[name=name]', '王示例');
    await press(page, '提交心愿');
    await shows(page, 'it is taken down, with who did', '想理发', '代录人',
                'zhuangan');
    await mine.goto(at('staff/wishes/new'));
    await keep(mine, 'phone', 'staff-wish-new-phone');
}


/* Who is lacking where; who may no longer sign in. */

async function units(page, mine) {
    await page.goto(at('staff/units'));
    await shows(page, 'the tree of units says who lacks', '缺 1 人');
    await keep(page, 'desk', 'staff-units');
    await page.goto(at('staff/units/wenyilu'));
    await page.fill('[name=head]', '示例所长');
    await page.fill('[name=lat]', '一百');
    await press(page, '保存修改');
    await shows(page, 'what is wrong is said at the field', '格式不正确');
    await keep(page, 'desk', 'staff-unit');
    await page.fill('[name=lat]', '28.19');
    await page.fill('[name=lng]', '113.02');
    await press(page, '保存修改');
    await shows(page, 'a unit is changed', '示例所长', '28.19, 113.02');
    await page.goto(at('staff/people'));
    await keep(page, 'desk', 'staff-people');
    await page.locator('tr', { hasText: 'zhuangan' }).locator('summary')
        .click();
    await press(page, '确定停用');
    await shows(page, 'an account is taken away', '已停用');
    await mine.goto(at('staff/'));
    await shows(mine, 'whose session has ended', '工作人员登录');
    await press(page, '恢复使用');
    await enters(mine);
    await mine.goto(at('staff/units'));
    await keep(mine, 'phone', 'staff-units-phone');
    await mine.goto(at('staff/people'));
    await keep(mine, 'phone', 'staff-people-phone');
}


async function small(page) {
    await page.goto(at('staff/'));
    await enters(page);
    await keep(page, 'phone', 'staff-today-phone');
    await page.goto(at('staff/orders/board?status=accepted'));
    check('on a phone, one column at a time',
          await page.locator('.column:visible').count() === 1);
    await keep(page, 'phone', 'staff-board-phone');
    await page.goto(at(`staff/events/${site.event}/roster`));
    await keep(page, 'phone', 'staff-roster-phone');
}


exports.run = async function run(given) {
    kit = given;
    ({ site, check, at, day, shows, keep, press } = kit);

    const office = await kit.visitor('desk');
    const clever = await kit.visitor('desk', { javaScriptEnabled: true });
    const mine = await kit.visitor('phone');

    await plain(office);
    await steps(clever);
    await drafts(clever);
    await begins(clever);
    await scans(clever);
    await leaves(clever);
    await roster(clever, office);
    await small(mine);
    await components(await kit.visitor('desk', { javaScriptEnabled: true }));

    const above = await kit.visitor('desk');

    await kit.signsIn(above, site.admin, site.admin_password);
    await courses(clever, above, mine);

    await wish(clever, mine);

    const manager = await kit.visitor('desk');

    await kit.signsIn(manager, site.manager, site.manager_password);
    await units(manager, mine);
};
