/*
 * A resident's pages, and what goes wrong with forms: nothing that was typed
 * is lost, two taps are one, a page that was open for long still submits;
 * and a week of the timetable on paper.
 */

'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const LONG = '司马欧阳上官诸葛东方皇甫尉迟公孙慕容令狐'.repeat(3).slice(0, 50);
const RARE = '𠮷㛃😀';

let kit, site;
let check, at, day, shows, keep, press, follow;


async function looks(page) {
    await page.goto(at(''));
    await shows(page, 'the first page: what is on, what there is, how',
                '今天的活动', '健康讲座', '理论宣讲实践', '点单', '派单',
                '评单');
    await keep(page, 'phone', 'home');
    check('five tabs', await page.locator('.tabs a').count() === 5);
    await follow(page, '理论宣讲实践');
    await shows(page, 'a practice leads into the menu', '课程菜单');
    check('with the choice marked',
          (await page.locator('[aria-current]').innerText())
              .includes('理论宣讲'));
    await keep(page, 'phone', 'menu-practice');

    await page.goto(at('menu'));
    await page.fill('[name=q]', '急救课堂');
    await press(page, '查找');
    await shows(page, 'what comes close is found', '没有完全符合“急救课堂”');
    await keep(page, 'phone', 'menu-near');
}


async function reads(page) {
    await page.goto(at('timetable'));
    await follow(page, '本周');
    await shows(page, 'a week, and the weeks around it', '上一周', '下一周');
    await keep(page, 'phone', 'timetable-week');
    await follow(page, '下一周');
    check('the next week is seven days',
          /from=\d+-\d+-\d+&to=\d+-\d+-\d+/.test(page.url()));
    await page.goto(at(`event/${site.event}`));
    await shows(page, 'what is on says so', '正在进行', '加到手机日历');
    await keep(page, 'phone', 'event-now');
    await page.goto(at('privacy'));
    await shows(page, 'privacy in plain words', '谁能看到', '保存多久');
    await keep(page, 'phone', 'privacy');
}


async function fill(page) {
    await page.selectOption('[name=unit]', 'wenyilu-1');
    await page.locator('[name=wanted]').first().fill(day(12));
    await page.fill('[name=head_count]', '25');
    await page.fill('[name=contact_name]', LONG);
    await page.fill('[name=note]', `${RARE} <b>"引号"&amp;`);
}


async function mistypes(page) {
    await page.goto(at('course/law-01'));
    await keep(page, 'phone', 'course-coming');
    await fill(page);
    await page.fill('[name=phone]', '1390001');
    await page.fill('[name=head_count]', '20000');
    await press(page, '提交点单');
    await shows(page, 'a number out of range: what it may be',
                '请填写 1 到 10000 的整数');
    check('days that may be empty are not marked', await page.evaluate(
        () => [...document.querySelectorAll('[name=wanted]')].every((d) =>
            getComputedStyle(d).borderTopWidth === '1px')));
    await page.fill('[name=head_count]', '25');
    await page.locator('[name=wanted]').first().fill('');
    await press(page, '提交点单');
    check('of days, that which has to be filled in is', await page.evaluate(
        () => [...document.querySelectorAll('[name=wanted]')].map((d) =>
            getComputedStyle(d).borderTopWidth).join()) === '2px,1px,1px');
    await page.locator('[name=wanted]').first().fill(day(12));
    await press(page, '提交点单');
    await shows(page, 'what is wrong is said at the field',
                '请填写正确的手机号码');
    check('the summary leads there',
          await page.locator('.alert a[href="#phone"]').count() === 1);
    check('a name of 50 characters is still there',
          await page.inputValue('[name=contact_name]') === LONG);
    check('and rare characters, and signs of HTML',
          await page.inputValue('[name=note]')
              === `${RARE} <b>"引号"&amp;`);
    check('and what was chosen',
          await page.inputValue('[name=unit]') === 'wenyilu-1'
          && await page.locator('[name=wanted]').first().inputValue()
              === day(12));
    await keep(page, 'phone', 'order-mistyped');
}


/* The same form twice, as an impatient thumb sends it. */

async function twice(page) {
    await page.fill('[name=phone]', '13900010031');

    const form = await page.locator('main form').evaluate((f) => ({
        action: f.action, body: new URLSearchParams(new FormData(f))
            .toString() }));
    const send = () => page.request.post(form.action, {
        data: form.body, headers: {
            'Content-Type': 'application/x-www-form-urlencoded',
            Origin: new URL(site.url).origin } });
    const [one, other] = await Promise.all([send(), send()]);

    check('two taps at once are both answered',
          one.status() < 300 && other.status() < 300,
          `${one.status()} ${other.status()}`);
    await page.goto(at('orders'));
    check('and are one order', await page.locator('.order').count() === 1);
    await shows(page, 'with what comes next',
                '接下来由工作人员派给合适的队伍，一般 1 天内');
    await keep(page, 'phone', 'orders-timeline');
}


/* Opened, put away for the afternoon, sent in the evening. */

async function late(page) {
    await page.goto(at('course/theory-01'));
    await fill(page);
    await page.fill('[name=contact_name]', '示例居民丙');
    await page.fill('[name=phone]', '13900010032');
    process.kill(site.master, 'SIGHUP');
    await new Promise((done) => setTimeout(done, 1500));
    await press(page, '提交点单');
    await shows(page, 'a page from before a reload still submits',
                '点单成功');
}


async function isThere(page, office) {
    const answer = await office.request.get(
        at(`api/staff/events/${site.event}/code?kind=screen-in`));

    await page.goto((await answer.json()).url);

    if (await page.locator('[name=name]').count() > 0) {
        await page.fill('[name=name]', '示例居民丙');
        await page.fill('[name=phone]', '13900010032');
    }

    await press(page, '签到');
    await page.goto(at('me'));
    await shows(page, 'all that is mine in one place', '我的点单',
                '我的报名', '我的心愿', '我的参加记录', '隐私说明');
    await keep(page, 'phone', 'me');
    await follow(page, '我的参加记录');
    await shows(page, 'where he was, and that it is still on',
                '健康讲座', '活动进行中，离开时请签退');
    await keep(page, 'phone', 'my-record');
}


async function goesOn(page) {
    await page.goto(at(`staff/events/${site.event}`));
    await shows(page, 'a worker is asked to sign in', '工作人员登录');
    await page.fill('[name=name]', site.worker);
    await page.fill('[name=password]', site.password);
    await press(page, '登录');
    check('signing in goes on to the page that was wanted',
          page.url() === at(`staff/events/${site.event}`), page.url());
}


/* Print of twice the size leaves room for what was typed and for facts. */

async function grows(page) {
    const width = (what) => page.locator(what).first()
        .evaluate((e) => e.clientWidth);
    const enlarge = () => page.evaluate(() => {
        document.documentElement.style.fontSize = '200%';
    });

    await page.goto(at('menu'));
    await enlarge();
    check('200 %: the field of the search is not squeezed',
          await width('[name=q]') > 240, `${await width('[name=q]')}`);

    /* in print of 145 and of 200 %, what the field is for is not cut off */

    for (const address of ['', 'menu']) {
        for (const size of ['163%', '200%']) {
            await page.goto(at(address));
            await page.evaluate((s) => {
                document.documentElement.style.fontSize = s;
            }, size);

            const room = await page.locator('[name=q]').evaluate((e) => {
                const style = getComputedStyle(e);
                const pen = document.createElement('canvas').getContext('2d');

                pen.font = `${style.fontSize} sans-serif`;

                /* a field of a search keeps room for the cross in it */

                return e.clientWidth - parseFloat(style.paddingLeft) * 2
                    - parseFloat(style.fontSize)
                    - pen.measureText(e.placeholder).width;
            });

            check(`${size}: the hint of the search, /${address}`, room >= 0,
                  `${room}`);
        }
    }

    for (const [name, address] of [['course', 'course/law-01'],
                                   ['event', `event/${site.event}`]])
    {
        await page.goto(at(address));
        await enlarge();
        check(`200 %: nor are the facts of the ${name}`,
              await width('.facts dd') > 240,
              `${await width('.facts dd')}`);
    }
}


/* One page of paper, whether little is on or much. */

async function prints(page) {
    const dir = kit.pictures
        || fs.mkdtempSync(path.join(os.tmpdir(), 'wenming-paper-'));

    for (const [name, address, size] of [
        ['sheet-a4', 'timetable/print?unit=wenyilu', 'A4'],
        ['sheet-a3', 'timetable/print?paper=a3', 'A3']
    ]) {
        const file = path.join(dir, `${name}.pdf`);

        await page.goto(at(address));
        await page.pdf({ path: file, preferCSSPageSize: true });

        const info = execFileSync('pdfinfo', [file]).toString();

        check(`${name}: one page`, /^Pages: +1$/m.test(info), info);
        check(`${name}: ${size}, landscape`,
              size === 'A4' ? /841\.\d+ x 59\d/.test(info)
                            : /119\d\.?\d* x 84\d/.test(info), info);
    }

    await page.goto(at('timetable/print?unit=wenyilu'));
    await keep(page, 'desk', 'sheet');

    if (!kit.pictures) {
        fs.rmSync(dir, { recursive: true });
    }
}


exports.run = async function run(given) {
    kit = given;
    ({ site, check, at, day, shows, keep, press, follow } = kit);

    const mine = await kit.visitor('phone');
    const other = await kit.visitor('phone');
    const office = await kit.visitor('desk');

    await looks(other);
    await reads(other);
    await mistypes(mine);
    await twice(mine);
    await late(other);
    await goesOn(office);
    await isThere(other, office);
    await grows(await kit.visitor('phone', { javaScriptEnabled: true }));
    await prints(office);
};
