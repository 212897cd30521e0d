/*
 * The figures: a table that is complete without a script, and bars that are
 * drawn from it without a policy refusing anything, light and dark.
 */

'use strict';

let kit;
let refused;


async function office(more) {
    const page = await kit.visitor('desk', more);

    refused = [];
    page.on('console', (m) => {
        if (/Content Security Policy/i.test(m.text())) {
            refused.push(m.text());
        }
    });
    page.on('pageerror', (e) => refused.push(e.stack));
    await kit.signsIn(page, kit.site.admin, kit.site.admin_password);

    return page;
}


async function fill(page) {
    for (const [i, name] of ['甲', '乙', '丙'].entries()) {
        await page.request.post(kit.at(
            `api/staff/events/${kit.site.event}/attendance`), {
            data: { name: `示例居民${name}`, phone: `1390001000${i}` } });
    }
}


async function plain() {
    const page = await office();

    await fill(page);
    await page.goto(kit.at('staff/figures'));
    await kit.shows(page, 'the table needs no script', '活动场次',
                    '芙蓉区新时代文明实践中心', '合计');
    kit.check('nor room for bars', !(await page.locator('#charts')
              .isVisible()));
    await kit.keep(page, 'desk', 'staff-figures');
    await kit.follow(page, '签到人次');
    await kit.shows(page, 'a head sorts', '签到人次 ↓');
    await kit.follow(page, '签到人次');
    await kit.shows(page, 'and turns round', '签到人次 ↑');
    await kit.follow(page, '按月份');
    await kit.shows(page, 'by month', '2026-');
}


async function drawn(scheme, by) {
    const page = await office({ javaScriptEnabled: true,
                                colorScheme: scheme });

    await page.goto(kit.at(`staff/figures?by=${by}`));
    await page.waitForSelector('#charts svg');

    const boxes = await page.locator('#charts svg').count();
    const said = await page.locator('#charts [aria-label]').first()
        .getAttribute('aria-label');

    kit.check(`${scheme} ${by}: bars`, boxes === (by === 'month' ? 1 : 2),
              `${boxes}`);
    kit.check(`${scheme} ${by}: told in words, too`, /3/.test(said), said);
    kit.check(`${scheme} ${by}: no policy refused anything`,
              refused.length === 0, refused.join('\n      '));
    await kit.keep(page, 'desk', `staff-figures-${scheme}-${by}`);
}


async function onPhone() {
    const page = await kit.visitor('phone', { javaScriptEnabled: true });

    await kit.signsIn(page, kit.site.admin, kit.site.admin_password);
    await page.goto(kit.at('staff/figures'));
    await page.waitForSelector('#charts svg');
    await kit.keep(page, 'phone', 'staff-figures-phone');
}


exports.run = async function run(given) {
    kit = given;

    await plain();
    await drawn('light', 'unit');
    await drawn('dark', 'month');
    await drawn('light', 'course');
    await onPhone();
};
