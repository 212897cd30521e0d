use FindBin;
use lib "$FindBin::Bin/lib";
use Encode ();

use Wenming::Race;
use Wenming::Test;

# "我的": who is verified, signing out here and everywhere, all that is kept
# of a person, and its end.

my $port = Wenming::Site::free_port();
my $site = Wenming::Site->prepare(
    http => [
        'log_format sms "$http_x_phone $http_x_code";',
        'map $cookie_site $site_name { default ""; yes "%E9%A9%AC"; }', # 马
        'map $cookie_site $site_phone { default ""; yes 13800000009; }',
        'server {', "    listen 127.0.0.1:$port;",
        '    access_log {{dir}}/sms.log sms;', '    return 204;', '}' ],
    server => [
        'location = /sms {', '    internal;',
        "    proxy_pass http://127.0.0.1:$port/send;",
        '    proxy_set_header X-Phone $wenming_sms_phone;',
        '    proxy_set_header X-Code $wenming_sms_code;', '}',
        'location ^~ /site/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/site;',
        '    set $wm_name $site_name;', '    set $wm_phone $site_phone;',
        '    wenming_identity name=$wm_name phone=$wm_phone;', '}',
        'location ^~ /raced/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/raced;',
        '    wenming_redis unix:{{dir}}/race.sock;',
        '    wenming_sms /sms;', '}',
        'location ^~ /office/ {', '    alias {{dir}}/web/;',
        '    wenming furong;',
        '    wenming_public_url http://127.0.0.1:{{port}}/office;', '}' ],
    location => ['wenming_sms /sms;']);

$site->start_redis;
$site->import_data($site->{import});

my $plan = "$site->{dir}/plan";
my $race = Wenming::Race->start(path => "$site->{dir}/race.sock",
                                redis => $site->{socket}, plan => $plan);

$site->start_nginx;

my $redis = $site->redis;


# Codes that a phone was sent, as the gateway has them.

sub codes {
    my ($phone) = @_;

    my $log = "$site->{dir}/sms.log";
    my @codes = map { /^$phone (\d{6})$/ }
                split /\n/, -e $log ? Wenming::Site::read_file($log) : '';

    return @codes;
}


# The device of somebody whose phone is verified; an existing one may be given.

sub verified {
    my ($name, $phone, $web) = @_;

    $web ||= $site->browser;
    $redis->call('DEL', @{$redis->call('KEYS', $site->key('sms:*'))})
        if @{$redis->call('KEYS', $site->key('sms:*'))};

    my $before = codes($phone);
    my $r = $web->post('api/me/code', json => {
        name => $name, phone => $phone });
    die "no code: $r->{status} $r->{body}" if $r->{status} != 200;

    $site->until(10, sub { codes($phone) > $before }) or die 'no code came';

    my $code = (codes($phone))[-1];

    $r = $web->post('api/me/verify', json => {
        name => $name, phone => $phone, code => "$code" });
    die "not verified: $r->{status} $r->{body}" if $r->{status} != 200;

    return $web;
}


sub checked_in {
    my ($web, $event, $name, $phone) = @_;

    return $web->post('api/c', json => {
        ticket => $site->ticket($web, $event), who => 'family',
        name => $name, phone => $phone });
}


# ---- signing out

my $event = $site->event;
my $phone = $site->phone(1);
my $typed = $site->browser;             # who only typed it

checked_in($typed, $event, '张三', $phone);
$typed->post('api/c', json => { ticket => $site->ticket($typed, $event),
                                who => 'new', name => '张三',
                                phone => $phone });

my $me = $typed->get('api/me')->json;

ok $me->{known} && !$me->{verified}, 'who typed a name is not verified';
is $me->{verify}, 'sms', 'and is told how';
page($typed->get('me'), 200, ['张三', '还没有验证', '退出'], 'on the page, too');
unlike $typed->get('me')->text, qr/所有设备/, 'which ends nobody\'s sessions';

page($typed->get('me'), 200, ['我留下的信息', '验证以后，可以', '/my/wishes"',
                             '用这部手机点过的单'],
     'where what is his is, and what leaving does not end');
unlike $typed->get('me')->text, qr/身份证|me\/data"/, 'but not yet to take';

my $office = $site->browser(base => '/office');

page($office->get('me'), 200, ['我留下的信息', '请带身份证到就近的文明实践站'],
     'where nobody can be verified, one goes there');
unlike $office->get('me')->text, qr/登录本站账号|验证以后/,
       'and is told of no other way';
problem($office->post('api/me/sign-out-everywhere'), 403, 'ask_office',
        undef, 'also to end all sessions');

my ($one, $two) = map { verified('张三', $phone) } 1, 2;

problem($typed->post('api/me/sign-out-everywhere'), 403, 'verify_first',
        undef, 'who is not verified cannot sign a person out');
ok $one->get('api/me')->json->{verified}, 'nothing happened';

is $one->post('api/me/sign-out')->{status}, 200, 'signing out here';
ok !$one->get('api/me')->json->{known}, 'this device knows nobody';
is $one->post('api/me/sign-out')->{status}, 200, 'twice is once';
ok $two->get('api/me')->json->{verified}, 'the other device stays';

verified('张三', $phone, $one);
my $stolen = { %{$two->{cookies}} };
my $page = $one->get('me');

page($page, 200, ['在别的手机上也退出'], 'the page of who is verified has it');
is $site->send_form($one, $page, {}, qr/everywhere$/)->{status}, 303,
   'signing out everywhere';
ok !$_->get('api/me')->json->{known}, 'no device knows him'
    for $one, $two, $typed;
problem($two->post('api/me/sign-out-everywhere'), 403, 'verify_first', undef,
        'the other one is not verified any more');
$two->{cookies} = { %$stolen };
ok !$two->get('api/me')->json->{known}, 'a cookie from before is worth nothing';

$two->post('api/c', json => { ticket => $site->ticket($two, $site->event),
                              who => 'new', name => '张三',
                              phone => $phone });
$me = $two->get('api/me')->json;
ok $me->{known} && !$me->{verified},
   'who types the name there again is not verified by what was before';

verified('张三', $phone, $one);
$two->{cookies} = { %$stolen };
ok !$two->get('api/me')->json->{known}, 'also when he is back elsewhere';
ok $one->get('api/me')->json->{verified}, 'where he is known';
is $site->send_form($one, $one->get('me'), {}, qr/sign-out$/)->{status}, 303,
   'the page signs out here';
page($one->get('me'), 200, ['还没有登记'], 'and knows nobody then');

# a person of the site's login

my $visitor = $site->browser(base => '/site');

is $visitor->get('api/me')->json->{verify}, 'site', 'another way to verify';
problem($visitor->post('api/me/code', json => { name => '马',
        phone => '13800000009' }), 403, 'verify_first', undef,
        'there is no gateway');
$visitor->{cookies}{site} = { value => 'yes', path => '/' };
checked_in($visitor, $event, '马', '13800000009');
$me = $visitor->get('api/me')->json;
ok $me->{known} && $me->{verified}, 'the site vouches for who signs in there';
page($visitor->get('me'), 200, ['请在本站退出登录'], 'and signs him out');
is $visitor->post('api/me/sign-out-everywhere')->{status}, 200,
   'his other devices he can sign out here';


# ---- all there is of a person, on whatever device

my $worker = $site->worker;
my $soon = Wenming::Site::iso(time + 3 * 86400);
my ($chen, $lin) = ($site->phone(2), $site->phone(3));
my ($laptop, $other) = map { $site->browser } 1, 2;
my $own = verified('陈示例', $chen);
my @been = map { $site->event(title => "讲座$_") } 1 .. 3;

checked_in($own, $been[0], '陈示例', $chen);
checked_in($laptop, $been[$_], '陈示例', $chen) for 1, 2;
checked_in($other, $_, '林示例', $lin) for @been;

sub left {
    my ($web, $event) = @_;

    return $web->post('api/c', json => {
        ticket => $site->ticket($web, $event, 'screen-out'), who => 'family',
        name => $_[2], phone => $_[3] });
}

sub id_of {
    my ($event, $name) = @_;

    return (map { $_->{person} } grep { $_->{name} eq $name }
            @{$site->roster($event)->{items}})[0];
}

my $id = id_of($been[0], '陈示例');

left($own, $been[0], '陈示例', $chen);
left($laptop, $_, '陈示例', $chen) for @been[1, 2];
left($other, $been[0], '林示例', $lin);
is $own->post("api/events/$been[0]/ratings", json => {
       score => 4, person => $id, text => '陈的公开评语' })->{status}, 201,
   'rated, with a text';
is $laptop->post("api/events/$been[1]/ratings", json => {
       score => 2, person => $id, text => '陈的待审评语' })->{status}, 201,
   'and elsewhere';
is $other->post("api/events/$been[0]/ratings", json => {
       score => 5, person => id_of($been[0], '林示例'), text => '林的评语' })
         ->{status}, 201, 'so has another';

for my $item (@{$worker->get('api/staff/ratings')->json->{items}}) {
    $worker->post("api/staff/ratings/$item->{id}/show")
        if $item->{event} eq $been[0];
}

# a seat that somebody waits for, a place in a queue, a seat of the past

sub seats {
    return $site->event(title => $_[0], capacity => 1, start => $soon,
                        end => Wenming::Site::iso(time + 4 * 86400));
}

sub enrol {
    my ($web, $event, $name, $phone) = @_;

    return $web->post("api/events/$event/enrol", json => {
        name => $name, phone => $phone })->json->{status};
}

my ($full, $queue, $past, $hand) = map { seats($_) }
    '有名额', '候补', '过去', '代报';

is enrol($laptop, $full, '陈示例', $chen), 'seated', 'has a seat';
is enrol($other, $full, '林示例', $lin), 'waiting', 'that another waits for';
is enrol($other, $queue, '林示例', $lin), 'seated', 'another has a seat';
is enrol($own, $queue, '陈示例', $chen), 'waiting', 'that he waits for';
is enrol($own, $past, '陈示例', $chen), 'seated', 'had a seat';
$worker->post("api/staff/events/$hand/enrolments", json => {
    name => '陈示例', phone => $chen });
$redis->call('HSET', $site->key("event:$past"), 'start',
             int(time * 1000) - 7_200_000, 'end',
             int(time * 1000) - 3_600_000);

sub order {
    my ($web, $name, $phone, $note, $path) = @_;

    return $web->post($path || 'api/orders', json => {
        course => 'law-01', unit => 'wenyilu', head_count => 7,
        wanted => ['2100-01-01'], contact_name => $name, phone => $phone,
        note => $note })->json->{id};
}

my @orders = (order($own, '陈示例', $chen, '陈的备注一'),
              order($laptop, '陈示例', $chen, '陈的备注二'),
              order($worker, '陈示例', $chen, '陈的备注三',
                    'api/staff/orders'));
my $done = order($own, '陈示例', $chen, '陈的备注四');
my $theirs = order($other, '林示例', $lin, '林的备注');

$redis->call('HSET', $site->key("order:$done"), 'status', 'completed');

sub wish {
    my ($web, $name, $phone, $wish) = @_;

    return $web->post('api/wishes', json => {
        wish => $wish, text => "$wish，多说一句", category => 'life',
        unit => 'wenyilu', name => $name, phone => $phone,
        who => 'new' })->json->{id};
}

# one that waits, one that everybody reads, one that was answered in public

my @wishes = map { wish($own, '陈示例', $chen, "陈的心愿$_") } 1 .. 3;
my $their_wish = wish($other, '林示例', $lin, '林的心愿');

$worker->post("api/staff/wishes/$_/publish", json => { wish => '陈的愿望' })
    for @wishes[1, 2];
$worker->post("api/staff/wishes/$their_wish/publish",
              json => { wish => '林的愿望' });
$worker->post("api/staff/wishes/$wishes[2]/answer",
              json => { answer => '陈的答复' });

my $r = $laptop->get('api/me/data');
is $r->{status}, 200, 'who is not verified';
is_deeply $r->json, $laptop->get('api/me')->json, 'gets what api/me says';
is $laptop->get('me/data')->{status}, 303, 'the page leads to the code';

$r = $own->get('api/me/data');
is $r->{status}, 200, 'who is verified gets everything';
like $r->header('content-disposition'), qr/attachment.*\.json/, 'as a file';

my $all = $r->json;

is $all->{person}{name}, '陈示例', 'the name';
is $all->{person}{phone}, $chen, 'the phone, whole';
like $all->{person}{$_}, qr/^\d{4}-\d\d-\d\dT[\d:]+\+08:00$/, "$_: a time"
    for qw(made verified);
is_deeply [sort map { $_->{event} } @{$all->{attendance}}],
          [sort @been], 'three times there';
is_deeply { map { ($_->{event} => $_->{status}) } @{$all->{enrolments}} },
          { $full => 'seated', $queue => 'waiting', $past => 'seated',
            $hand => 'seated' }, 'four places, one by a worker';
is_deeply { map { ($_->{text} => $_->{score}) } @{$all->{ratings}} },
          { '陈的公开评语' => 4, '陈的待审评语' => 2 }, 'two ratings';
is_deeply { map { ($_->{id} => $_->{note}) } @{$all->{orders}} },
          { $orders[0] => '陈的备注一', $orders[1] => '陈的备注二',
            $orders[2] => '陈的备注三', $done => '陈的备注四' },
          'four orders with their notes';
is_deeply { map { ($_->{id} => "$_->{wish} $_->{status} $_->{answer}") }
            @{$all->{wishes}} },
          { $wishes[0] => '陈的心愿1 submitted ',
            $wishes[1] => '陈的心愿2 open ',
            $wishes[2] => '陈的心愿3 answered 陈的答复' }, 'three wishes';
unlike $r->text, qr/林/, 'nothing of anybody else';
is $own->get('me/data')->text, $r->text, 'the page has the same';

sub input { my $text = Encode::encode('UTF-8', shift); return \$text }

# by the tool, with name and phone on its standard input

my ($rc, $said) = $site->tool(input("陈示例\n$chen\n"), 'person', 'export');
is $rc, 0, 'wenming person export';
is_deeply(JSON::PP->new->utf8->decode($said), $all, 'says the same');
($rc, $said) = $site->tool(input("陈示例\n12345\n"), 'person', 'export');
is $rc, 2, 'a phone that is none';
($rc, $said) = $site->tool(input("无此人\n$chen\n"), 'person', 'export');
is $rc, 1, 'nobody of that name';


# ---- the end of it

# What must stay as it is.

sub totals {
    my %all;

    for my $event (@been) {
        my $roster = $site->roster($event);

        $all{"there $event"} = scalar @{$roster->{items}};
        $all{"times $event"} = join ' ', sort map { "$_->{in} $_->{out}" }
                               @{$roster->{items}};

        my $ratings = $site->browser->get("api/events/$event/ratings")->json;

        $all{"ratings $event"} = "$ratings->{count} $ratings->{average}";
        $all{"scores $event"} = join ' ', sort map { (split /:/)[0] }
            grep { /^[1-5]:/ } @{$redis->call('HVALS',
                                              $site->key("rating:$event"))};
    }

    my %score = @{$redis->call('HGETALL', $site->key('score'))};

    $all{score} = join ' ', map { "$_=$score{$_}" } sort keys %score;
    $all{orders} = join ' ', map { $_->{id} } sort { $a->{id} cmp $b->{id} }
                   @{$worker->get('api/staff/orders')->json->{items}};
    $all{past} = $redis->call('HGET', $site->key("seats:$past"), 'taken')
                 . $redis->call('HLEN', $site->key("enrol:$past"));

    return \%all;
}

# Everything in Redis but the journal, as one text.

sub everything {
    my @text;

    for my $key (sort @{$redis->call('KEYS', '*')}) {
        my $type = $redis->call('TYPE', $key);

        next if $type eq 'stream';
        push @text, $key, $type eq 'hash' ? @{$redis->call('HGETALL', $key)}
            : $type eq 'zset' ? @{$redis->call('ZRANGE', $key, 0, -1)}
            : $type eq 'set' ? @{$redis->call('SMEMBERS', $key)}
            : $redis->call('GET', $key);
    }

    return join "\n", @text;
}

my %before = @{$redis->call('HGETALL', $site->key("person:$id"))};
my @sealed = (@before{qw(name phone key)},
              $redis->call('HGET', $site->key("rating:$been[1]"), "t:$id"),
              (map { $redis->call('HGET', $site->key("order:$_"), 'note') }
                   @orders, $done),
              map { my $key = $site->key("wish:$_");
                    map { $redis->call('HGET', $key, $_) } qw(wish text) }
                  @wishes);
my $totals = totals();
my $lins = $redis->call('HGETALL', $site->key('person:'
                                              . id_of($been[0], '林示例')));

is scalar(grep { index(everything(), $_) < 0 } @sealed), 0,
   'it is all there before';
problem($laptop->delete('api/me'), 403, 'verify_first', undef,
        'who is not verified ends nobody');
problem($site->browser(base => '/site')->delete('api/me'), 403,
        'verify_first', undef, 'nor who is nobody');
page($own->get('me/forget'), 200, ['会删除', '会保留', '先存到手机上', '陈示例'],
     'the page says what goes and what stays');

# a text that was shown to the world goes from it

like $site->browser->get("event/$been[0]")->text, qr/陈的公开评语/,
     'a text was public';

# interrupted in the middle: an event that is never as it was read

my @record = split /:/, $redis->call('HGET', $site->key("att:$been[1]"), $id);

Wenming::Site::write_file($plan, join '', map {
    my @new = @record;
    $new[3] = $_;
    join(' ', 'HSET', $site->key("att:$been[1]"), $id, join ':', @new) . "\n"
} 901, 902);
problem($own->delete('/raced/api/me'), 409, 'conflict', undef,
        'interrupted');
Wenming::Site::write_file($plan, '');
ok $redis->call('EXISTS', $site->key("person:$id")),
   'the record is the last to go';
is $redis->call('HGET', $site->key("order:$orders[0]"), 'status'),
   'cancelled', 'a part of it is done';

$r = $own->delete('api/me');
is $r->{status}, 200, 'asked again, it goes on to the end'
    or diag $r->text;
is ref $r->json->{$_}, 'ARRAY', "with what is affected: $_"
    for qw(places cancelled);
ok !$redis->call('EXISTS', $site->key("person:$id")), 'the record is gone';
is_deeply totals(), $totals, 'the totals are those of before';

my $rest = everything();

is scalar(grep { index($rest, $_) >= 0 } @sealed), 0,
   'nothing that was sealed is left';
unlike $rest, qr/陈示例|$chen|\xe9\x99\x88/, 'nor anything in plain';
is scalar(grep { $rest =~ /\n.*\b$_\b/ } "t:$id", "p:$id", "v:$id"), 0,
   'nor a text or a mark';

my @still = grep { !/^(?:dev|code)/ } map { s/^.*?\}://r }
            grep { my $key = $_;
                   my $type = $redis->call('TYPE', $key);
                   $type eq 'hash' ? $redis->call('HEXISTS', $key, $id)
                   : $type eq 'zset' ? defined $redis->call('ZSCORE', $key,
                                                            $id) : 0 }
            @{$redis->call('KEYS', '*')};

is "@still", '', 'the id is in no list';
unlike $site->browser->get("event/$been[0]")->text, qr/陈的公开评语/,
       'the text is not public any more';
like $site->browser->get("event/$been[0]")->text, qr/林的评语/,
     'that of another is';
is scalar(grep { $_->{text} =~ /陈/ || $_->{text} eq '' }
               @{$worker->get('api/staff/ratings')->json->{items}}), 0,
   'nothing of him waits for a worker';

my ($one_seat) = @{$other->get('api/me/enrolments')->json->{items} || []};
my %mine = map { ($_->{event} => $_->{status}) }
           @{$other->get('api/me/enrolments')->json->{items}};

is $mine{$full}, 'seated', 'his seat went to who waited';
is $redis->call('ZCARD', $site->key("wait:$queue")), 0, 'he left the queue';
is $redis->call('HGET', $site->key("seats:$hand"), 'taken'), 0,
   'and the place that a worker had given him';

for my $order (@orders, $done) {
    my $o = $worker->get("api/staff/orders/$order")->json;

    is $o->{status}, $order eq $done ? 'completed' : 'cancelled',
       'an order that was open is cancelled, an old one stays';
    ok !length($o->{contact_name} || '') && !length($o->{note} || ''),
       'and is nobody\'s';
    is scalar(grep { $redis->call('HEXISTS', $site->key("order:$order"), $_) }
                   qw(person note device group)), 0, 'nor anybody\'s device';
    unlike $redis->call('HGET', $site->key("order:$order"), 'log'),
           qr{device/[0-9A-Z]}, 'also in its steps';
}

for my $i (0 .. 2) {
    my $key = $site->key("wish:$wishes[$i]");

    is $redis->call('HGET', $key, 'status'),
       qw(withdrawn withdrawn answered)[$i],
       'an open wish is withdrawn, one that was answered stays';
    is scalar(grep { $redis->call('HEXISTS', $key, $_) }
                   qw(person device wish text answer reason shown_wish
                      shown_text shown_answer shown)), 0, 'and says nothing';
    unlike $redis->call('HGET', $key, 'log'), qr{device/[0-9A-Z]},
           'of whose it was';
}

is_deeply [map { $_->{wish} } @{$site->browser->get('api/wishes')->json
                                     ->{items}}], ['林的愿望'],
          'the public reads the wish of another, and no more of his';
is $worker->get("api/staff/wishes/$wishes[2]")->{status}, 200,
   'workers still see that there was one';
is_deeply $redis->call('HGETALL', $site->key('person:'
                                             . id_of($been[0], '林示例'))),
          $lins, 'another person is as before';
is $worker->get("api/staff/orders/$theirs")->json->{note}, '林的备注',
   'with his order';
ok !$own->get('api/me')->json->{known}, 'the device knows nobody';
problem($own->delete('api/me'), 403, 'verify_first', undef,
        'asked once more there is nobody to end');

my $journal = join "\n", map { $_->{effects} } $site->journal;

is index($journal, $before{key}), -1,
   'the journal never had the key: what it has of him is noise';
isnt index($journal, $before{name}), -1, 'as was his name';
$site->must('audit');

# where he was, there was somebody

page($worker->get("staff/events/$been[1]/roster"), 200, ['已删除', '林示例'],
     'the roster says that somebody was there');
unlike Wenming::Answer::unescape(
           $worker->get("staff/events/$been[1]/roster")->text), qr/未留/,
       'and not that he had no phone';
like Encode::decode('UTF-8', $worker->get(
         "api/staff/events/$been[1]/roster.csv")->{body}),
     qr/^"\d+","已删除",/m, 'so does the sheet';

# what is to come is named in the answer

for my $face ('page', 'api') {
    my $zhou = $site->phone($face eq 'page' ? 71 : 72);
    my $name = "周$face";
    my $event = seats("还没到的$face");
    my $web = verified($name, $zhou);

    is enrol($web, $event, $name, $zhou), 'seated', "$face: a seat";
    is $web->post('api/orders', json => {
           course => 'law-01', unit => 'wenyilu-1', head_count => 5,
           wanted => [substr Wenming::Site::iso(time + 20 * 86400), 0, 10],
           contact_name => $name, phone => $zhou })->{status}, 201,
       'and an order';

    if ($face eq 'page') {
        $r = $site->send_form($web, $web->get('me/forget'), {}, qr/forget$/);
        page($r, 200, ['已经都删掉了', '已退回名额：还没到的page', '已取消点单：'],
             'the page names both');

    } else {
        $r = $web->delete('api/me')->json;
        is_deeply [map { "$_->{event} $_->{title}" } @{$r->{places}}],
                  ["$event 还没到的api"], 'the answer has the event';
        is scalar @{$r->{cancelled}}, 1, 'and the order';
        like $r->{cancelled}[0]{number}, qr/^\S+$/, 'by its number';
    }
}


# he comes back as somebody new

is checked_in($own, $been[0], '陈示例', $chen)->{status}, 201,
   'who comes back is new';


# ---- for who has no phone at hand: the tool

my $lin_id = id_of($been[0], '林示例');

$totals = totals();
($rc, $said) = $site->tool(input("林示例\n$lin\n"), 'person', 'forget');
is $rc, 1, 'by a program only with --yes';
like $said, qr/cannot be taken back/, 'and it says why';
ok $redis->call('EXISTS', $site->key("person:$lin_id")), 'nothing is done';
($rc, $said) = $site->tool(input("林示例\n$lin\n"), 'person', 'forget',
                           '--yes');
is $rc, 0, 'wenming person forget' or diag $said;
like $said, qr/^cancelled: order \S+, \S/m, 'says which order is cancelled';
like $said, qr/^given back: a place at event $full, \S/m,
     'and where a place is free now';
ok !$redis->call('EXISTS', $site->key("person:$lin_id")), 'the record is gone';

my $after = totals();

is_deeply $after, $totals, 'the totals stay';
unlike everything(), qr/林的评语/, 'the text does not';
is $redis->call('HGET', $site->key("order:$theirs"), 'status'), 'cancelled',
   'the open order is cancelled';
is $redis->call('HGET', $site->key("seats:$full"), 'taken'), 0,
   'the seat is given back';
($rc) = $site->tool(input("林示例\n$lin\n"), 'person', 'forget', '--yes');
is $rc, 1, 'twice: there is nobody';
$site->must('audit');

# a seat that is freed three days ahead is given, unless the site says that
# it is only offered then

for my $case (['s', 'given'], ['o', 'offered', '4d', '2h']) {
    my ($state, $what, @values) = @$case;
    my $event = seats($what);
    my @phones = map { $site->phone($_) } 61, 62;

    is enrol($site->browser, $event, '钱示例', $phones[0]), 'seated', 'a seat';
    is enrol($site->browser, $event, '孙示例', $phones[1]), 'waiting',
       'that another waits for';
    ($rc, $said) = $site->tool(input("钱示例\n$phones[0]\n"), 'person',
                               'forget', '--yes', @values);
    is $rc, 0, "forgotten: the seat is to be $what" or diag $said;

    my %place = @{$redis->call('HGETALL', $site->key("enrol:$event"))};

    is join(' ', grep { $_ ne 'c' } map { substr $_, 0, 1 } values %place),
       $state, 'it is';
}

for my $wrong (['4d'], ['soon', '2h'], ['4d', '2s']) {
    ($rc, $said) = $site->tool(input("孙示例\n" . $site->phone(62) . "\n"),
                               'person', 'forget', '--yes', @$wrong);
    is $rc, 2, "not like 24h 2h: @$wrong";
    like $said, qr/such as 24h 2h/, 'and what is';
}


# ---- long lists, of which others take something while they are read

{
    my $phone = $site->phone(63);
    my $all = $site->key('sched:all');
    my $there = $site->event;
    my @fake = map { "f$_" } 1 .. 900;

    is checked_in($site->browser, $there, '周示例', $phone)->{status}, 201,
       'somebody who was there';
    $redis->call('ZADD', $all, map { ($_ < 50 ? $_ : 50, $fake[$_ - 1]) }
                               1 .. @fake);

    my $turns = 0;
    my $slow = Wenming::Race->start(
        path => "$site->{dir}/slow.sock", redis => $site->{socket},
        at => qr/ZRANGE.*sched:all/s, before => sub {
            Wenming::Redis->new($site->{socket})
                ->call('ZREM', $all, @fake[0 .. 449]) if $turns++ == 1 });

    local $site->{socket} = "$site->{dir}/slow.sock";

    ($rc, $said) = $site->tool(input("周示例\n$phone\n"), 'person', 'export');
    $slow->stop;
    is $rc, 0, 'what there is of him' or diag $said;
    is_deeply [map { $_->{event} } @{JSON::PP->new->utf8->decode($said)
                                     ->{attendance}}], [$there],
              'is found behind what was taken meanwhile';
    $redis->call('ZREM', $all, @fake);
}


# ---- too often

my $often = verified('赵示例', $site->phone(4));
my @said = map { $often->get('api/me/data') } 1 .. 7;

is join(' ', map { $_->{status} } @said), '200 ' x 6 . '429',
   'six times an hour';


# ---- what ended stays ended, and what was held was held

{
    my ($name, $phone) = ('钱示例', $site->phone(5));
    my ($mine, $lost) = map { verified($name, $phone) } 1, 2;
    my %cookies = %{$mine->{cookies}};

    is $mine->post('api/me/sign-out-everywhere', json => {})->{status}, 200,
       'signed out everywhere';
    $mine = verified($name, $phone);
    %cookies = %{$mine->{cookies}};

    my $held = order($mine, $name, $phone, '已经上过的课');
    my $event = $site->event(orders => [$held], unit => 'wenyilu-1');
    my $demand = $redis->call('HGET', $site->key('demand'), 'law-01');

    $redis->call('HSET', $site->key("event:$event"), 'end',
                 int(time * 1000) - 60_000);
    is $mine->delete('api/me')->{status}, 200, 'and forgotten';
    is $worker->get("api/staff/orders/$held")->json->{status}, 'completed',
       'what was held is done, not cancelled';
    is $redis->call('HGET', $site->key('demand'), 'law-01'), $demand,
       'and counts as before';

    $mine->{cookies} = \%cookies;       # the answer was lost
    my $again = $mine->delete('api/me');

    is $again->{status}, 200, 'asked again, it is done';
    is $again->json->{orders}, 0, 'with nothing more to do';

    order($site->browser, $name, $phone, '后来的点单');
    ok !$lost->get('api/me')->json->{verified},
       'what the lost phone has is worth nothing to who comes back';
    problem($lost->delete('api/me'), 403, 'verify_first', undef,
            'and it ends nobody');
}

# a unit that cannot be read may have had something of his: nothing is taken
# for all then

{
    my ($name, $phone) = ('卫示例', $site->phone(8));
    my $mine = verified($name, $phone);
    my $units = $site->key('units');

    order($mine, $name, $phone, '还在的点单');
    $redis->call('HSET', $units, 'broken', '{"name":');
    is $mine->get('api/me/data')->{status}, 500, 'no export that lacks it';
    is $mine->delete('api/me')->{status}, 500, 'no end';
    ok $mine->get('api/me')->json->{known}, 'he is known as before';

    for my $command (['export'], ['forget', '--yes']) {
        ($rc, $said) = $site->tool(input("$name\n$phone\n"), 'person',
                                   @$command);
        is $rc, 1, "nor by the tool: @$command";
        like $said, qr/^wenming: the unit broken cannot be read$/m,
             'which says why';
    }

    ($rc, $said) = $site->tool('expire');
    is $rc, 1, 'nor are orders expired' or diag $said;
    $redis->call('HDEL', $units, 'broken');
    is $mine->delete('api/me')->json->{orders}, 1, 'afterwards it goes';
}

# what is done for him while all is looked through goes, too

{
    my ($name, $phone) = ('冯示例', $site->phone(7));
    my $mine = verified($name, $phone);
    my ($first, $second) = map { $site->event } 1, 2;

    checked_in($mine, $first, $name, $phone);

    my $his = id_of($first, $name);
    my $came = 0;

    $race->stop;
    unlink "$site->{dir}/race.sock";
    $race = Wenming::Race->start(
        path => "$site->{dir}/race.sock", redis => $site->{socket},
        before => sub {
            return if $_[0] !~ /DEL.{1,9}wm:\{furong\}:person:$his/s;
            checked_in($site->browser, $second, $name, $phone) if !$came++;
        });

    my $r;

    # the connections to the one before are made again

    $site->until(5, sub { $r = $mine->delete('/raced/api/me');
                          $r->{status} != 503 });
    is $r->{status}, 200, 'ended while he was checked in' or diag $r->{body};
    is $r->json->{events}, 2, 'both events are among what went';
    ok !$redis->call('EXISTS', $site->key("person:$his")), 'he is gone';
    is join(' ', grep { $redis->call('TYPE', $_) eq 'hash'
                        && index("@{$redis->call('HGETALL', $_)}", $his) >= 0 }
                 @{$redis->call('KEYS', "*:$second")}), '',
       'nothing of the event is his';
    is scalar @{$site->roster($second)->{items}}, 1, 'somebody was there';
}

# whoever was signed out everywhere types himself again, and is known

{
    my $phone = $site->phone(6);
    my $web = verified('孙示例', $phone);
    my $other = verified('孙示例', $phone);

    $web->post('api/me/sign-out-everywhere', json => {});
    ok !$other->get('api/me')->json->{known}, 'signed out on this one too';
    order($other, '孙示例', $phone, '备注');
    ok $other->get('api/me')->json->{known}, 'known again by an order';
}

end();
