use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Checking in: the whole way, and everything that must not get in.

my $GENERIC = '此码无效或已过期';

my $site = site(server => [
    'location ^~ /other/ {', '    alias {{dir}}/web/;', '    wenming yuelu;',
    '    wenming_public_url http://127.0.0.1:{{port}}/other;', '}',
    'location ^~ /away/ {', '    alias {{dir}}/web/;', '    wenming furong;',
    '    wenming_public_url http://127.0.0.2:{{port}}/away;', '}' ]);
my $event = $site->event;
my $key = $site->key("att:$event");
my $seal = $site->seal;


sub present {
    return $site->redis->call('HLEN', $key);
}


sub unchanged {
    my ($before, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is $site->journal_length, $before, "$name: nothing written";
}


# ---- the whole way

my $web = $site->browser;
my $phone = $site->phone(1);
my $page = $web->get($site->code($event)->{path});

page($page, 200, ['测试讲座', '一活动室', '姓名', '手机号'],
     'the code opens a page');
like $page->header('cache-control'), qr/no-store/, 'which no cache keeps';
is $page->header('referrer-policy'), 'same-origin',
   'and whose address does not travel on';
is present(), 0, 'opening it changes nothing';

my ($form) = $page->forms;

is $form->{action}, $site->public_url . '/c', 'the first form checks in';
is $form->{method}, 'post', 'by a post';
ok length $form->{hidden}{ticket}, 'with the ticket';

my $r = $site->send_form($web, $page, { name => '张示例', phone => $phone });

page($r, 201, ['签到成功', '张示例'], 'checked in');
is present(), 1, 'one row';

my ($time) = $r->text =~ /(\d\d:\d\d)/;
my @entries = grep { $_->{verb} eq 'attend.in' } $site->journal;

is scalar(@entries), 1, 'one entry in the journal';

$r = $site->send_form($web, $page, { name => '张示例', phone => $phone });
page($r, 200, ['已签到', $time, '无需重复'], 'the same form again');
is present(), 1, 'still one row';

$page = $web->get($site->code($event)->{path});
page($page, 200, ['您好', '张示例'], 'a second scan knows who it is');
$r = $site->send_form($web, $page, {});
page($r, 200, ['已签到', $time], 'and says since when');
is scalar(grep { $_->{verb} =~ /^attend/ } $site->journal), 1,
   'still one entry';

$r = $web->fresh->get('api/' . $site->code($event)->{path});
is $r->{status}, 200, 'a program gets a ticket too';
is $r->json->{known}, JSON::PP::false(), 'and does not know who it is';
is $r->json->{title}, '测试讲座', 'but which event';

my $program = $web->fresh;
my $ticket = $site->ticket($program, $event);
my %body = (ticket => $ticket, name => '李示例', phone => $site->phone(2));

$r = $program->post('api/c', json => \%body);
is $r->{status}, 201, 'it checks in';

my $in = $r->json->{in};

like $in, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/, 'and hears when';
$r = $program->post('api/c', json => \%body);
is "$r->{status} " . $r->json->{in}, "200 $in", 'twice: the first time';

$r = $web->fresh->get('api/' . $site->code($event)->{path});

my $roster = $site->roster($event);

is $roster->{present}, 2, 'the roster counts two';
is_deeply [map { $_->{name} } @{$roster->{items}}], ['张示例', '李示例'],
          'by name, as they came';
is $roster->{items}[0]{phone}, substr($phone, 0, 3) . '****'
                               . substr($phone, -4), 'the phone is masked';
is "$roster->{items}[0]{how} $roster->{items}[0]{level}", 'screen 3',
   'and how it was proved';
is $web->get("api/events/$event")->json->{present}, 2, 'the public count';
is_deeply [map { $_->{title} } @{$web->get('api/me')->json->{attendance}}],
          ['测试讲座'], 'one sees one\'s own attendance';


# ---- what does not fit

$body{who} = 'new';
problem($program->post('api/c', json => { %body, name => '' }), 422,
        'invalid', ['name'], 'no name');
problem($program->post('api/c', json => { %body, phone => '1' }), 422,
        'invalid', ['phone'], 'no phone number');
problem($program->post('api/c', json => { %body, name => '', phone => '' }),
        422, 'invalid', [qw(name phone)], 'neither');
problem($program->post('api/c', json => { %body, who => 'king' }), 422,
        'invalid', ['who'], 'no such person');
problem($program->post('api/c', json => { %body, ticket => undef }), 403,
        'code_invalid', undef, 'without ticket');

my $scan = $web->fresh->get($site->code($event)->{path});

$r = $site->send_form($web->fresh, $scan, { name => '', phone => '1' });
ok $r->{status} == 422 || $r->{status} == 403, 'the form on another device';


# ---- codes that are none

my $good = substr $site->code($event)->{path}, 2;
my $draft = $site->event(draft => 1);
my $cancelled = $site->event;

$site->worker->post("api/staff/events/$cancelled/cancel", json => {});

my %bad = (
    'of two slots ago' => $seal->token(event => $event, ago => 2),
    'of yesterday' => $seal->token(event => $event, ago => 5760),
    'of the next slot' => $seal->token(event => $event, ago => -2),
    'of another host' => $seal->with(host => '127.0.0.1')
                             ->token(event => $event),
    'of another site' => $seal->with(host => 'www.example.cn')
                             ->token(event => $event),
    'of another district' => $seal->with(district => 'yuelu')
                                 ->token(event => $event),
    'of another key' => $seal->with(secret => 'k' x 32)
                            ->token(event => $event),
    'of an unknown key' => $seal->with(id => 200)->token(event => $event),
    'of an event that is not there' => $seal->token(event => 999_999),
    'of a draft' => $seal->token(event => $draft),
    'of version 2' => $seal->token(event => $event, head => 2 << 5 | 1),
    'of kind 9' => $seal->token(event => $event, head => 1 << 5 | 9),
    'of a card' => $seal->token(event => $event, kind => 'resident-card'),
    'for another purpose' => $seal->pass(event => $event),
    'a letter short' => substr($good, 0, -1),
    'a letter longer' => $good . '0',
    'with a U' => 'U' . substr($good, 1),
    'empty' => '', 'too long' => 'A' x 100,
    'with padding bits' => substr($good, 0, -1)
        . substr(Wenming::Seal::ALPHABET,
                 1 | index(Wenming::Seal::ALPHABET, substr $good, -1), 1),
);

for my $at (0, 3, 8, 20, 43) {
    my $bytes = $good;
    substr $bytes, $at, 1, substr($bytes, $at, 1) eq '7' ? '6' : '7';
    $bad{"changed at $at"} = $bytes;
}

my $before = $site->journal_length;

for my $name (sort keys %bad) {
    my $token = $bad{$name};
    my $device = $web->fresh;
    my $page = $device->get("c/$token");

    if ($token eq '') {
        ok !($page->text =~ /name="ticket"/), 'without code no ticket';
        next;
    }

    page($page, 403, [$GENERIC], "a code $name");
    ok !$page->forms || !(grep { $_->{hidden}{ticket} } $page->forms),
       'brings no ticket';
    problem($device->get("api/c/$token"), 403, 'code_invalid', undef,
            'for programs too');
}

unchanged($before, 'codes that are none');

is_deeply [map { my $t = $web->fresh->get("c/$bad{$_}")->text;
                 $t =~ s/[0-9A-Z]{20,}//g; $t }
               ('of another key', 'of a draft')],
          [map { my $t = $web->fresh->get("c/$bad{'of two slots ago'}")
                             ->text;
                 $t =~ s/[0-9A-Z]{20,}//g; $t } 1 .. 2],
          'the page does not tell one reason from another';

for my $ok ([lc $good, 'small letters'],
            [$seal->token(event => $event), 'a code made by the rules alone'],
            [$seal->token(event => $event, ago => 1), 'the slot before'])
{
    is $web->fresh->get("c/$ok->[0]")->{status}, 200, "good: $ok->[1]";
}

is $web->fresh->get("c/$good/x")->{status}, 404, 'nothing stands behind it';


# the same district under another address, and another district

my $there = $web->fresh;

page($there->get("/other/c/$good"), 403, [$GENERIC],
     'a code is no good in another district');
page($there->get("/away/c/$good"), 403, [$GENERIC],
     'nor under another public address');


# ---- tickets that are none

my ($device) = map { Wenming::Seal::unbase32($_) }
               grep { defined } $program->{cookies}{wm_furong_device}{value};
my $number = substr $device, 2, 10;
my %ticket = (event => $event, expires => time + 300, device => $number);
my %wrong = (
    'out of date' => $seal->ticket(%ticket, expires => time - 1),
    'of another device' => $seal->ticket(%ticket, device => 'x' x 10),
    'of another site' => $seal->with(host => 'x.cn')->ticket(%ticket),
    'of another district' => $seal->with(district => 'yuelu')
                                 ->ticket(%ticket),
    'of an event that is not there' => $seal->ticket(%ticket, event => 9999),
    'of a draft' => $seal->ticket(%ticket, event => $draft),
    'that is a code' => $good,
    'that is rubbish' => 'rubbish',
);

$before = $site->journal_length;

for my $name (sort keys %wrong) {
    my $r = $program->post('api/c', json => {
        ticket => $wrong{$name}, who => 'new', name => '王示例',
        phone => $site->phone(3) });

    problem($r, 403, 'code_invalid', undef, "a ticket $name");
}

unchanged($before, 'tickets that are none');
is $program->post('api/c', json => {
       ticket => $seal->ticket(%ticket), who => 'new', name => '王示例',
       phone => $site->phone(3) })->{status}, 201,
   'a ticket made by the rules alone';
problem($program->post('api/c', json => {
            ticket => $seal->ticket(%ticket, event => $cancelled),
            who => 'new', name => '王示例', phone => $site->phone(3) }),
        409, 'closed', undef, 'a cancelled event is closed');


# ---- too early, too late

for my $case ([3 * 3600, 7200, 'not_open', 'before it opens'],
              [-7200, 3600, 'closed', 'after it has closed'])
{
    my ($from, $long, $code, $name) = @$case;
    my $id = $site->event(
        start => Wenming::Site::iso(time + $from),
        end => Wenming::Site::iso(time + $from + $long - 60));
    my $r = $program->post('api/c', json => {
        ticket => $seal->ticket(%ticket, event => $id), who => 'new',
        name => '王示例', phone => $site->phone(3) });

    problem($r, 409, $code, undef, $name);
}


# ---- the page opened in time, the code stale meanwhile

{
    my $slow = $web->fresh;
    my $token = $seal->token(event => $event, ago => 1);
    my $page = $slow->get("c/$token");

    page($page, 200, ['测试讲座'], 'opened with the last moment of a code');
    sleep 15.1 - (time - 15 * int(time / 15));
    page($slow->fresh->get("c/$token"), 403, [$GENERIC],
         'the code is stale now');
    page($slow->get("c/$token"), 200, ['测试讲座'],
         'but who has the ticket may reload the page');
    page($site->send_form($slow, $page, { name => '陈示例',
                                          phone => $site->phone(4) }),
         201, ['签到成功'], 'and checks in at leisure');
}


# ---- a family, and 不是我

my $one = $site->phone(5);

page($site->check_in($web, $event, '张小宝', $one,
                     fields => { who => 'family' }), 201, ['张小宝'],
     'for somebody of the family, on the same device');
is $web->get('api/me')->json->{name}, '张示例', 'the device is still mine';

page($web->get('c?who=family'), 200, ['家人'], 'the page asks for the family');
page($web->get('c?who=new'), 200, ['姓名'], '不是我 asks anew');

my $shared = $web->fresh;
$site->check_in($shared, $event, '赵大', $one);
$r = $site->check_in($web->fresh, $event, '赵二', $one);
page($r, 201, ['赵二'], 'two persons share one phone');
unlike $r->text, qr/赵大/, 'and neither sees the other';

$r = $site->check_in($shared, $event, '赵三', $one,
                     fields => { who => 'new' });
page($r, 201, ['赵三'], '不是我');
is $shared->get('api/me')->json->{name}, '赵三', 'makes it the other\'s';

$r = $site->check_in($web->fresh, $event, '赵 大', $one);
page($r, 200, ['已签到'], 'a blank in the name is the same person');


# ---- never another's name or phone

my $stranger = $web->fresh;
$r = $site->check_in($stranger, $event, '张示例', $site->phone(6));
page($r, 201, ['张示例'], 'same name, other phone: another person');

my $guess = $web->fresh;
my $all = join '', map { $_->{raw} }
    $guess->get($site->code($event)->{path}), $guess->get('api/me'),
    $guess->get("api/events/$event"), $guess->get("event/$event"),
    $guess->get('api/me/orders'), $guess->get('orders'), $guess->get('c');

utf8::decode($all);
unlike $all, qr/张示例|李示例|王示例|赵|139\d{8}|139\*/,
       'nothing public names who was there';


# ---- leaving

problem($web->fresh->post('api/c', json => {
            ticket => $site->ticket(my $gone = $web->fresh, $event,
                                    'screen-out'),
            name => '钱示例', phone => $site->phone(8) }), 403,
        'code_invalid', undef, 'leaving with the ticket of another device');

$gone = $web->fresh;
problem($gone->post('api/c', json => {
            ticket => $site->ticket($gone, $event, 'screen-out'),
            name => '钱示例', phone => $site->phone(8) }), 409,
        'not_checked_in', undef, 'who is not there cannot leave');

$page = $web->get($site->code($event, 'screen-out')->{path});
page($page, 200, ['签退', '张示例'], 'the code for leaving');
page($site->send_form($web, $page, {}), 201, ['签退成功'], 'leaves');
page($site->send_form($web, $page, {}), 200, ['已签退'], 'once');

my ($me) = grep { $_->{name} eq '张示例' && $_->{out} }
           @{$site->roster($event)->{items}};

ok $me && $me->{out} ge $me->{in}, 'the roster has both times';


# ---- 6 digits

my $hall = $site->event;
my $typed = $web->fresh;

page($typed->get('c'), 200, ['活动号', '验证码'], 'the page for 6 digits');
$r = $typed->get('c', query => { event => $hall,
                                 code => $site->code($hall)->{code} });
page($r, 200, ['测试讲座'], 'the digits beside the code open it');
page($site->send_form($typed, $r, { name => '孙示例',
                                    phone => $site->phone(9) }), 201,
     ['签到成功'], 'and check in');
is $site->roster($hall)->{items}[0]{how}, 'code', 'the record says how';
is $web->fresh->get('c', query => { event => $hall,
                                    code => $seal->digits(event => $hall) })
       ->{status}, 200, 'digits made by the rules alone';

my $now = $seal->digits(event => $hall, ago => 0);
my @stale = grep { $_ ne $now } $seal->digits(event => $hall, ago => 3);

page($web->fresh->get('c', query => { event => $hall, code => $stale[0] }),
     403, ['活动号或验证码不对', '请照屏幕重新输入', 'name="code"'],
     'stale digits are to be typed again');
problem($web->fresh->get('api/c', query => { event => 'x', code => $now }),
        403, 'digits_invalid', undef, 'so is what is no event');

# all of these within one slot of 30 s

my $into = time - 30 * int(time / 30);

sleep 30.1 - $into if $into > 22;

my %real = map { $_ => 1 } map { my $kind = $_;
    map { $seal->digits(event => $hall, kind => $kind, ago => $_) } -1 .. 2 }
    qw(screen-in screen-out);
my @tries = grep { !$real{$_} } map { sprintf '%06d', $_ } 100 .. 140;
my @said = map { $web->fresh->get('api/c', query => {
                 event => $hall, code => $_ })->{status} } @tries[0 .. 18];

ok !(grep { $_ != 403 } @said), 'wrong digits are refused: ' . "@said[0, -1]";
@said = at_once(map { [$web->fresh, 'GET', 'api/c', query => {
                       event => $hall, code => $_ }] } @tries[19 .. 29]);
problem($web->fresh->get('api/c', query => { event => $hall,
                                             code => $tries[30] }),
        429, 'too_many', undef, 'after twenty of them it is closed');
problem($web->fresh->get('api/c', query => {
            event => $hall, code => $seal->digits(event => $hall) }),
        429, 'too_many', undef, 'for the right ones too');
is $web->fresh->get($site->code($hall)->{path})->{status}, 200,
   'while the QR goes on';
is $web->fresh->get('api/c', query => {
       event => $event, code => $seal->digits(event => $event) })->{status},
   200, 'and another event is not touched';


# ---- by a worker's hand

my %elder = (name => '周奶奶', phone => '');

$r = $site->worker->post("api/staff/events/$event/attendance",
                         json => \%elder);
is $r->{status}, 201, 'a worker checks in an elder without a phone';
is $r->json->{how}, 'by_hand', 'the record says how';
is $site->worker->post("api/staff/events/$event/attendance",
                       json => \%elder)->{status}, 200, 'once';
$r = $site->worker->post("api/staff/events/$event/attendance",
                         json => { name => '李示例',
                                   phone => $site->phone(2) });
is "$r->{status} " . $r->json->{how}, '200 screen',
   'who is there already stays as he came';

my ($by) = grep { $_->{name} eq '周奶奶' } @{$site->roster($event)->{items}};

like $by->{by}, qr/worker-furong/, 'and who did it';


# ---- nothing readable at rest

$site->stop_redis('TERM');

my $stored = join '', map { Wenming::Site::read_file($_) }
             glob "$site->{dir}/redis/* $site->{dir}/redis/*/*";

ok length $stored > 1000, 'what Redis wrote';

for my $word ('张示例', '周奶奶', $phone, $one) {
    my $bytes = $word;
    utf8::encode($bytes);
    ok index($stored, $bytes) < 0, 'has no name and no phone in it';
}

end();
