/*
 * How heavy the pages are, when their first paint is, and what axe says: a
 * table for a person.  Each page is opened by a browser that has seen nothing
 * yet, on a slow line (400 ms there and back, 400 kbit/s) and a processor
 * four times slower; bytes are those that came over the line, headers not
 * counted.
 */

'use strict';

const ROUND_MS = 400;
const BYTES_A_SECOND = 400000 / 8;
const TIMES_SLOWER = 4;
const RUNS = 3;

const RESIDENTS = [
    ['', '首页'], ['menu', '菜单'], ['course/law-01', '课程'],
    ['timetable', '课程表'], ['event/{soon}', '活动'],
    ['enrol/{soon}', '报名'], ['orders', '我的点单'],
    ['enrolments', '我的报名'], ['wishes', '心愿墙'], ['wishes/new', '说心愿'],
    ['me', '我的'], ['c', '签到码'], ['privacy', '隐私说明']
];

const WORKERS = [
    ['staff/', '工作台'], ['staff/orders', '点单'], ['staff/demand', '集中排课'],
    ['staff/wishes', '心愿'], ['staff/ratings', '评价'],
    ['staff/events/new', '新建活动'], ['staff/events/{event}', '活动'],
    ['staff/events/{event}/roster', '签到名单'],
    ['staff/courses', '课程'], ['staff/units', '单位'], ['staff/figures', '统计']
];


function median(list) {
    return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
}


async function slow(page) {
    const cdp = await page.context().newCDPSession(page);

    await cdp.send('Network.enable');
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: false });
    await cdp.send('Network.emulateNetworkConditions', {
        offline: false, latency: ROUND_MS,
        downloadThroughput: BYTES_A_SECOND, uploadThroughput: BYTES_A_SECOND
    });
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: TIMES_SLOWER });
}


/* First contentful paint and the largest one, and bytes of each resource. */

async function timesOf(page) {
    return page.evaluate(() => new Promise((resolve) => {
        const seen = { largest: 0 };

        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) {
                seen.largest = Math.max(seen.largest, entry.startTime);
            }
        }).observe({ type: 'largest-contentful-paint', buffered: true });

        setTimeout(() => {
            const entries = [...performance.getEntriesByType('navigation'),
                             ...performance.getEntriesByType('resource')];

            resolve({
                first: performance.getEntriesByName(
                    'first-contentful-paint')[0]?.startTime ?? NaN,
                largest: seen.largest,
                bytes: entries.reduce((n, e) => n + e.encodedBodySize, 0),
                files: entries.length
            });
        }, 300);
    }));
}


async function opened(kit, cookies, device, path) {
    const context = await kit.browser.newContext({
        locale: 'zh-CN', ...(device === 'desk' ? kit.desk : kit.phone) });

    await context.addCookies(cookies);

    const page = await context.newPage();

    await slow(page);

    const answer = await page.goto(kit.at(path), { waitUntil: 'load' });
    const times = await timesOf(page);

    await context.close();

    return { ...times, status: answer.status() };
}


async function grave(kit, cookies, device, path) {
    const found = [];
    const context = await kit.browser.newContext({
        locale: 'zh-CN', bypassCSP: true,
        ...(device === 'desk' ? kit.desk : kit.phone) });
    const page = await context.newPage();

    await context.addCookies(cookies);

    for (const large of [0, 1]) {
        await page.goto(kit.at(`look?large=${large}`));
        await page.goto(kit.at(path));
        await page.evaluate(kit.axe);
        found.push((await page.evaluate(
            () => window.axe.run(document))).violations.filter(
            (v) => ['serious', 'critical'].includes(v.impact)).length);
    }

    await context.close();

    return found;
}


async function line(kit, cookies, device, [path, name]) {
    const where = path.replace('{soon}', kit.site.soon)
        .replace('{event}', kit.site.event);
    const runs = [];

    for (let i = 0; i < RUNS; i++) {
        runs.push(await opened(kit, cookies, device, where));
    }

    const [plain, large] = await grave(kit, cookies, device, where);

    console.log(`| \`${path || '/'}\` ${name} | ${runs[0].status} | ${
        runs[0].files} | ${(runs[0].bytes / 1000).toFixed(1)} | ${
        (median(runs.map((r) => r.first)) / 1000).toFixed(2)} | ${
        (median(runs.map((r) => r.largest)) / 1000).toFixed(2)} | ${
        plain} | ${large} |`);

    return runs[0].status === 200 && plain + large === 0;
}


exports.run = async function run(kit) {
    const office = await kit.visitor('desk');

    console.log('| page | status | files | kB | first paint, s |'
                + ' largest, s | axe | axe, large |');
    console.log('|---|---|---|---|---|---|---|---|');

    for (const page of RESIDENTS) {
        kit.check(`report: ${page[0]}`, await line(kit, [], 'phone', page));
    }

    await kit.signsIn(office, kit.site.worker, kit.site.password);

    const cookies = await office.context().cookies();

    for (const page of WORKERS) {
        kit.check(`report: ${page[0]}`, await line(kit, cookies, 'desk', page));
    }
};
