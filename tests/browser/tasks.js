/* The whole way of a resident, and of a worker, without scripts. */

'use strict';

let kit, site;
let check, at, day, shows, keep, press, follow, code, signsIn;


/* ---- a resident with a phone */

async function orders(page) {
    await page.goto(at('menu'));
    await keep(page, 'phone', 'menu');
    await follow(page, '健康咨询');
    await keep(page, 'phone', 'course');

    await page.selectOption('[name=unit]', 'wenyilu-1');
    await page.locator('[name=wanted]').first().fill(day(12));
    await page.fill('[name=head_count]', '25');
    await page.fill('[name=contact_name]', '示例居民甲');
    await page.fill('[name=phone]', '12');
    await press(page, '提交点单');
    await shows(page, 'a wrong phone number is said at the field',
                '请填写正确的手机号码');
    check('and what was typed is still there',
          await page.inputValue('[name=contact_name]') === '示例居民甲'
          && await page.inputValue('[name=head_count]') === '25');
    await keep(page, 'phone', 'course-refused');

    await page.fill('[name=phone]', '13900010001');
    await press(page, '提交点单');
    await shows(page, 'an order is taken', '健康咨询', '25 人');
    await keep(page, 'phone', 'ordered');

    await page.reload();
    await page.goto(at('orders'));
    check('reloading makes no second one',
          await page.locator('.order').count() === 1);
    const on = new Date(day(12));

    await shows(page, 'and it is found again', '健康咨询', '已提交',
                `${on.getUTCMonth() + 1}月${on.getUTCDate()}日（周`
                + `${'日一二三四五六'[on.getUTCDay()]}）`);
    await keep(page, 'phone', 'orders');
}


async function enrols(page) {
    await page.goto(at('timetable'));
    await shows(page, 'the timetable has the events', '健康讲座',
                '周末插花课');
    await keep(page, 'phone', 'timetable');

    await page.goto(at(`event/${site.soon}`));
    await keep(page, 'phone', 'event');
    await follow(page, '我要报名');
    await keep(page, 'phone', 'enrol');
    await press(page, '提交报名');
    await shows(page, 'whoever ordered is known, and enrols with one tap',
                '报名成功', '示例居民甲');
    await keep(page, 'phone', 'enrolled');
    await page.goto(at(`enrol/${site.soon}`));
    await shows(page, 'who has a place needs no form', '您已报名',
                '查看或取消我的报名');
    check('nor gets one', await page.locator('main form').count() === 0);
    await keep(page, 'phone', 'enrol-again');
    await page.goto(at('enrolments'));
    await shows(page, 'the place is in the list', '周末插花课', '报名成功');
    await keep(page, 'phone', 'enrolments');
}


async function waits(page) {
    await page.goto(at(`enrol/${site.soon}`));
    await page.fill('[name=name]', '示例居民乙');
    await page.fill('[name=phone]', '13900010002');
    await press(page, '提交候补');
    await shows(page, 'who comes too late waits, and sees where',
                '候补第 1 位');
}


async function checksIn(page, worker) {
    await page.goto(await code(worker, site.event, 'screen-in'));
    await keep(page, 'phone', 'scan');
    await shows(page, 'the code knows who it is', '示例居民甲',
                '139****0001');
    await press(page, '签到');
    await shows(page, 'one tap, and he is there', '签到成功');
    await keep(page, 'phone', 'checked');

    await page.goto(await code(worker, site.event, 'screen-in'));
    await press(page, '签到');
    await shows(page, 'twice is no error', '已签到', '无需重复');

    await page.goto(await code(worker, site.event, 'screen-out'));
    await press(page, '签退');
    await shows(page, 'leaving works the same way', '签退');
    await follow(page, '评价这场活动');
    await keep(page, 'phone', 'rate');
    await page.locator('[name=score]').first().check();
    await page.fill('[name=text]', '讲得清楚 <b>谢谢</b>');
    await press(page, '提交评价');
    await shows(page, 'and he says how it was', '非常满意');
    await keep(page, 'phone', 'rated');
}


async function types(page) {
    await page.goto(at('c'));
    await keep(page, 'phone', 'code');
    await page.fill('[name=event]', String(site.event));
    await page.fill('[name=code]', '000000');
    await press(page, '下一步');
    await shows(page, 'a wrong code is said in words',
                '验证码不对', '请照屏幕重新输入');
    await keep(page, 'phone', 'code-refused');
}


async function wishes(page) {
    await page.goto(at('menu'));
    await follow(page, '说说您的心愿');
    await keep(page, 'phone', 'wish-new');
    await press(page, '提交心愿');
    await shows(page, 'an empty wish is said at the field',
                '这一项必须填写');
    await keep(page, 'phone', 'wish-refused');
    await page.fill('[name=wish]', '想学用手机挂号');
    await page.selectOption('[name=category]', 'health');
    await page.selectOption('[name=unit]', 'wenyilu-1');
    await press(page, '提交心愿');
    await shows(page, 'a need that no course has is taken', '心愿已收到');
    await keep(page, 'phone', 'wished');
    await page.goto(at('my/wishes'));
    await shows(page, 'and found again', '想学用手机挂号', '待审核');
    await keep(page, 'phone', 'my-wishes');
    await page.goto(at('wishes'));
    check('but nobody else reads it yet',
          !(await page.locator('body').innerText()).includes('手机挂号'));
}


/* ---- a worker at a desk */

async function arranges(page) {
    await page.goto(at('staff/'));
    await shows(page, 'a worker is asked to sign in', '工作人员登录');
    await keep(page, 'desk', 'staff-login');
    await signsIn(page, site.worker, 'wrong-password');
    await shows(page, 'a wrong password is said so', '密码');
    await signsIn(page, site.worker, site.password);
    await shows(page, 'and then sees what is held today', '今天的活动',
                '健康讲座', '打开签到屏');
    await keep(page, 'desk', 'staff-today');
    await page.goto(at('staff/events'));
    await shows(page, 'all events have a page', '健康讲座');
    await keep(page, 'desk', 'staff-events');

    await follow(page, '群众点单');
    await shows(page, 'the orders, with whom to call', '健康咨询',
                '示例居民甲', '13900010001');
    await keep(page, 'desk', 'staff-orders');
    await follow(page, '查看与办理');
    await keep(page, 'desk', 'staff-order');

    await page.goto(at('staff/orders'));
    await follow(page, '集中排课');
    await keep(page, 'desk', 'staff-demand');
    await press(page, '选中的合成一场活动');
    await shows(page, 'chosen orders become an event', '本场活动的点单',
                '25 人');
    await keep(page, 'desk', 'staff-event-new');
    await page.fill('[name=start]', `${day(12)}T09:00`);
    await page.fill('[name=end]', `${day(12)}T10:30`);
    await press(page, '直接发布');
    await shows(page, 'what is missing is said at the field',
                '这一项必须填写');
    check('and what was typed is still there',
          await page.inputValue('[name=start]') === `${day(12)}T09:00`);
    await page.fill('[name=place]', '二楼多功能厅');
    await press(page, '直接发布');
    await shows(page, 'one step, and it is public', '已发布', '已排课');
    await keep(page, 'desk', 'staff-event');
}


async function reviews(page, other) {
    await page.goto(at('staff/wishes'));
    await shows(page, 'the wish waits for a worker', '想学用手机挂号');
    await keep(page, 'desk', 'staff-wishes');
    await follow(page, '想学用手机挂号');
    await keep(page, 'desk', 'staff-wish');
    await page.locator('summary').filter({ hasText: '公开' }).first()
        .click();
    await page.locator('form[action$="/publish"] button').click();
    await page.waitForLoadState();
    await other.goto(at('wishes'));
    await shows(other, 'read and published, everybody sees it',
                '想学用手机挂号', '待认领');
    await keep(other, 'phone', 'wishes');
}


async function countsHeads(page) {
    await page.goto(at(`staff/events/${site.event}/roster`));
    await page.fill('[name=name]', '没带手机的老人');
    await press(page, '登记签到');
    await shows(page, 'who has no phone is written down', '没带手机的老人',
                '示例居民甲');
    await keep(page, 'desk', 'staff-roster');
    await page.goto(at(`staff/events/${site.soon}/enrolments`));
    await shows(page, 'the list of places has the queue', '示例居民乙',
                '候补');
    await keep(page, 'desk', 'staff-enrolments');
    await page.goto(at('staff/ratings'));
    await shows(page, 'what was written waits, as it was typed',
                '讲得清楚 <b>谢谢</b>');
    await keep(page, 'desk', 'staff-ratings');
}


async function hears(page) {
    await page.goto(at('orders'));
    await shows(page, 'who ordered reads that it is arranged', '已排课');
    await page.goto(at('enrolments'));
    await shows(page, 'and has a place', '健康咨询', '25 人');
}


exports.run = async function run(given) {
    kit = given;
    ({ site, check, at, day, shows, keep, press, follow, code, signsIn }
        = kit);

    const mine = await kit.visitor('phone');
    const other = await kit.visitor('phone');
    const office = await kit.visitor('desk');

    await orders(mine);
    await enrols(mine);
    await waits(other);
    await wishes(mine);
    await arranges(office);
    await checksIn(mine, office);
    await types(other);
    await reviews(office, other);
    await countsHeads(office);
    await hears(mine);
};
