/*
 * The page at the door, with a camera that sees cards: Chromium plays a film
 * of two residents' cards, as their phones show them, one after the other.
 * Then the network goes away, and comes back.
 */

'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');

const film = path.join(os.tmpdir(), `wenming-cards-${process.pid}.y4m`);
const WIDTH = 640;
const HEIGHT = 480;

exports.args = ['--use-fake-device-for-media-stream',
                `--use-file-for-fake-video-capture=${film}`];

let kit;
let refused;                            /* by a page's policy */


/* ---- the film */

/* A grey picture of a phone that shows the QR, held a little askew. */

async function picture(page, qr) {
    return page.evaluate(async ([source, width, height]) => {
        const canvas = document.createElement('canvas');
        const context = canvas.getContext('2d');

        canvas.width = width;
        canvas.height = height;
        context.fillStyle = '#777';
        context.fillRect(0, 0, width, height);

        if (source) {
            const image = new Image();

            image.src = source;
            await image.decode();
            context.translate(width / 2, height / 2);
            context.rotate(0.12);
            context.fillStyle = '#eee';
            context.fillRect(-170, -210, 340, 420);
            context.drawImage(image, -140, -140, 280, 280);
        }

        const { data } = context.getImageData(0, 0, width, height);
        const grey = [];

        for (let i = 0; i < data.length; i += 4) {
            grey.push(Math.round(16 + data[i] * 219 / 255));
        }

        return grey;
    }, [qr, WIDTH, HEIGHT]);
}


async function shoot(page, qrs) {
    const colour = Buffer.alloc(WIDTH * HEIGHT / 2, 128);
    const out = fs.createWriteStream(film);

    out.write(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F5:1 Ip A1:1 C420jpeg\n`);

    for (const qr of [null, ...qrs]) {
        const grey = Buffer.from(await picture(page, qr));

        for (let i = 0; i < (qr ? 12 : 4); i++) {
            out.write('FRAME\n');
            out.write(grey);
            out.write(colour);
        }
    }

    await new Promise((done) => out.end(done));
}


/* ---- people */

async function resident(name, phone) {
    const page = await kit.visitor('phone');

    await page.goto(kit.at(`enrol/${kit.site.soon}`));
    await page.fill('[name=name]', name);
    await page.fill('[name=phone]', phone);
    await Promise.all([page.waitForNavigation(),
                       page.locator('main button').first().click()]);
    await page.goto(kit.at('my/card'));
    await kit.shows(page, `${name} has a card`, '我的签到卡', name);

    return page;
}


function qr(page) {
    return page.locator('img.qr').getAttribute('src');
}


async function code(page) {
    return (await (await page.request.get(kit.at('api/me/card'))).json()).code;
}


/* A worker whose browser runs scripts, and tells what a policy refused. */

async function doorkeeper() {
    const page = await kit.visitor('desk', { javaScriptEnabled: true,
                                             permissions: ['camera'] });

    refused = [];
    page.on('console', (m) => {
        if (/Content Security Policy|Permissions policy/i.test(m.text())) {
            refused.push(m.text());
        }
    });
    page.on('pageerror', (e) => refused.push(e.stack));
    await kit.signsIn(page, kit.site.worker, kit.site.password);

    return page;
}


function last(page, ...words) {
    return page.waitForFunction((all) => all.every((w) =>
        document.getElementById('last').innerText.includes(w)), words,
                                { timeout: 30000 })
        .then(() => true, () => false);
}


exports.run = async function run(given) {
    kit = given;

    const anna = await resident('示例居民甲', '13900010001');
    const ben = await resident('示例居民乙', '13900010002');
    const carl = await resident('示例居民丙', '13900010003');
    const page = await doorkeeper();

    await kit.keep(anna, 'phone', 'my-card');
    await shoot(page, [await qr(anna), await qr(ben)]);

    await page.goto(kit.at(`staff/events/${kit.site.event}`));
    await kit.follow(page, '扫卡签到');
    await page.getByRole('button', { name: '打开摄像头' }).click();
    kit.check('the camera reads one card', await last(page, '示例居民甲'),
              await page.locator('main').innerText());
    kit.check('and the next without a tap', await last(page, '示例居民乙'));
    kit.check('the name stands in large letters',
              await page.locator('#result .who').count() === 1);
    kit.check('whoever comes twice is known',
              await last(page, '已登记，无需重复'));
    kit.check('the number at the top counts',
              await page.locator('#present').innerText() === '2');
    await kit.keep(page, 'desk', 'staff-scan');

    /* no network */

    const card = await code(carl);

    await page.context().setOffline(true);
    await page.fill('#card', card);
    await page.press('#card', 'Enter');
    kit.check('without a network it is kept', await last(page,
              '没有网络，先记下了'));
    await kit.shows(page, 'and said how many wait', '还没有提交：');
    await page.goto('about:blank');
    await page.context().setOffline(false);
    await page.goto(kit.at(`staff/events/${kit.site.event}/scan`));
    kit.check('it goes when there is one again, also on a page opened anew',
              await last(page, '示例居民丙', '签到成功'));

    const roster = await (await page.request.get(kit.at(
        `api/staff/events/${kit.site.event}/roster`))).json();

    kit.check('all three are there, by card',
              roster.items.map((i) => `${i.name} ${i.how}`).sort().join()
              === ['示例居民丙 card', '示例居民乙 card', '示例居民甲 card']
                  .sort().join(), JSON.stringify(roster.items));

    /* what is no card */

    await page.fill('#card', 'rubbish');
    await page.press('#card', 'Enter');
    await page.waitForSelector('#result .bad');
    await kit.shows(page, 'what is no card is said', '认不出来');
    await kit.keep(page, 'desk', 'staff-scan-refused');
    kit.check('no policy refused anything', refused.length === 0,
              refused.join('\n      '));

    /* one that nothing can read: by name, or the end of the phone number */

    await page.fill('#q', '0002');
    await Promise.all([page.waitForNavigation(), page.locator('form',
        { hasText: '卡扫不出来' }).getByRole('button').click()]);
    kit.check('who has a card that cannot be read is found by his number',
              await page.locator('#rows tr').count() === 1);
    await kit.shows(page, 'with a way to leave', '示例居民乙', '登记签退');
    kit.check('no address has it', !page.url().includes('0002'));
    await kit.keep(page, 'desk', 'staff-roster-found');
    await page.fill('#q', '不在这里');
    await Promise.all([page.waitForNavigation(),
                       page.locator('#find button').click()]);
    await kit.shows(page, 'who is not there is said', '名单里没有找到');

    /* a card on paper */

    const who = roster.items[0].person;

    await page.goto(kit.at(
        `staff/events/${kit.site.event}/paper?person=${who}`));
    await kit.keep(page, 'desk', 'staff-paper');

    fs.unlinkSync(film);
};
