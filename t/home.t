use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The first page, what the menu finds, what a course is held next, and what
# is said of privacy: for people, without scripts, and for programs.

my $site = site();
my $web = $site->browser;
my $worker = $site->worker;

sub at { return Wenming::Site::iso(time + $_[0]) }

my $now = $site->event(title => '正在讲的课', course => 'law-01');
my $over = $site->event(title => '早就讲完的课', start => at(-90_000),
                        end => at(-86_400));
my $soon = $site->event(title => '三天以后的课', course => 'law-01',
                        place => '三楼会议室', start => at(3 * 86_400),
                        end => at(3 * 86_400 + 3600));
my $off = $site->event(title => '取消了的课', start => at(3 * 86_400),
                       end => at(3 * 86_400 + 3600));

$worker->post("api/staff/events/$off/cancel");

sub order {
    my ($course, $n) = @_;

    my $r = $web->post('api/orders', json => {
        course => $course, unit => 'wenyilu-1',
        wanted => [substr at(20 * 86_400), 0, 10], head_count => 10,
        contact_name => "示例$n", phone => $site->phone($n) });

    return $r->json->{id};
}


sub wish {
    my ($words, $publish) = @_;

    my $id = $web->fresh->post('api/wishes', json => {
        wish => '原话里有住址', category => 'study', unit => 'wenyilu',
        who => 'new', name => '示例心愿', phone => $site->phone(50) })
        ->json->{id};

    $worker->post("api/staff/wishes/$id/publish", json => { wish => $words })
        if $publish;

    return $id;
}


sub titles { return map { $_->{title} } @{$_[0]} }


# ---- the document

order('law-01', 1);
order('science-01', $_) for 2 .. 3;
wish('想学用手机挂号', 1);
wish('没有公开的', 0);

my $r = $web->get('api/home');
my $home = $r->json;

is_deeply [grep { /课$/ } titles($home->{today})], ['正在讲的课'],
          'what is on today; not what is over'
    or diag join ' ', titles($home->{today});
is scalar(grep { $_ eq '取消了的课' } titles($home->{next})), 0,
   'what was called off is no news';
is_deeply [sort { $a->{start} cmp $b->{start} } @{$home->{next}}],
          $home->{next}, 'the next ones, in their order';
ok @{$home->{next}} >= 1 && @{$home->{next}} <= 4, 'a few of them';
is scalar(@{$home->{practices}}), 5, 'five practices';

my $menu = $web->get('api/menu', query => { practice => 'theory' })->json;
my ($theory) = grep { $_->{id} eq 'theory' } @{$home->{practices}};

is $theory->{courses}, $menu->{count}, 'with how many courses each has';
is_deeply [map { "$_->{id} $_->{orders}" } @{$home->{wanted}}],
          ['science-01 2', 'law-01 1'], 'what was ordered most comes first';
is_deeply [map { $_->{wish} } @{$home->{wishes}}], ['想学用手机挂号'],
          'open wishes, as they were published';
unlike $r->{body}, qr/原话里有住址|示例心愿|没有公开的/,
       'and nothing of who wishes';
is $home->{centre}{name}, '芙蓉区新时代文明实践中心', 'the centre';


# ---- the page

my $page = $web->get('');

page($page, 200, ['芙蓉区新时代文明实践中心', '今天的活动', '正在讲的课',
                  '正在进行', '理论宣讲实践', '大家都在点', '等待认领的心愿',
                  '点单', '派单', '评单', '芙蓉区示例大道'],
     'the same as a page');
like $page->{body}, qr{class="t-home" href="/wenming/"}, 'first of five tabs';
is scalar(() = $page->{body} =~ /<a class="t-/g), 5, 'and no more';
unlike $page->{body}, qr/style="|\son\w+=/, 'without script of its own';

my $etag = $web->get('')->header('etag');

is $web->get('', headers => { 'If-None-Match' => $etag })->{status}, 304,
   'it is shared';
ok !defined $page->cookie, 'without a cookie';

# each of what it shows makes it old at once

order('law-01', 4);
is +(grep { $_->{id} eq 'law-01' } @{$web->get('api/home')->json->{wanted}})[0]
       {orders}, 2, 'an order shows at once';
$worker->post("api/staff/events/$now/cancel");
is_deeply [grep { /正在讲/ } titles($web->get('api/home')->json->{today})], [],
          'so does an event';
wish('想学剪纸', 1);
is scalar(@{$web->get('api/home')->json->{wishes}}), 2, 'and a wish';


# ---- the menu: what comes close

my $near = $web->get('api/menu', query => { q => '急救课堂' })->json;

ok $near->{near}, 'words that no course has are looked for in parts';
ok @{$near->{items}} > 0
   && !(grep { "$_->{title}$_->{summary}" !~ /急救|救课|课堂/ }
        @{$near->{items}}), 'of two characters';
page($web->get('menu', query => { q => '急救课堂' }), 200,
     ['没有完全符合“急救课堂”的课程，下面是相近的'], 'and the page says so');
ok !$web->get('api/menu', query => { q => '急救' })->json->{near},
   'what is found is found';

my $none = $web->get('api/menu', query => { q => '鼁鼁' })->json;

ok !$none->{near} && $none->{count} == 0, 'nothing is nothing';
page($web->get('menu', query => { q => '鼁鼁' }), 200,
     ['没有找到', '说说您的心愿'], 'with what else one can do');

my $there = $web->get('api/menu', query => { unit => 'wenyilu-1' })->json;

ok +(grep { $_->{id} eq 'law-01' } @{$there->{items}}),
   'what a street has soon';
ok !(grep { $_->{id} eq 'medical-01' } @{$there->{items}}),
   'not what it has not';
problem($web->get('api/menu', query => { unit => 'nowhere' }), 404,
        'not_found', undef, 'an unknown unit');

$page = $web->get('menu', query => {
    practice => 'theory', provider => '区委组织部', q => '党课&<"' });

page($page, 200, ['党课&<"', '区委组织部'], 'filters are shown');
like $page->{body}, qr{href="/wenming/menu\?practice=theory&amp;provider=(?:%[0-9A-F]{2})+"},
     'each with the way to do without it, well escaped';


# ---- a course, and when it is held

$page = $web->get('course/law-01');
page($page, 200, ['适合谁听', '近期在哪里开课', '三楼会议室', '我要点单'],
     'a course says when it is held next');
unlike $page->text, qr/取消了的课/, 'not what was called off';
page($web->get('course/disabled-01'), 200, ['近期还没有安排，您可以点单'],
     'or that it is not');


# ---- an event that is over

page($web->get("event/$over"), 200, ['这场活动已经结束'],
     'an event that is over says so');
unlike $web->get("event/$over")->{body}, qr/加到手机日历|输入签到码/,
       'and offers nothing that is';

my $far = $site->event(title => '明年的课', start => '2031-03-04T19:00:00+08:00',
                       end => '2031-03-04T20:30:00+08:00');

page($web->get("event/$far"), 200, ['2031年3月4日（周二）19:00–20:30'],
     'another year is said');


# ---- privacy

$page = $web->get('privacy');
page($page, 200, ['隐私说明', '我们保存什么', '谁能看到', '保存多久',
                  '到就近的文明实践站'], 'what is kept, in plain words');
ok $page->header('etag') && !defined $page->cookie, 'for everyone';
like $web->get('')->{body}, qr{href="/wenming/privacy"}, 'one tap away';

end();
