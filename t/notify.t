use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Notifications: who hears of what, in which words, once; what is refused,
# what is not true any more, and what no place but the webhook may see.

use Wenming::Description;
use Wenming::Source;
use Wenming::Webhook;

my $site = site(location => ['wenming_offers 24h 2h;'],
                expect => [qr/wenming: state/]);
my $redis = $site->redis;
my $dir = $site->{dir};
my $hook = Wenming::Webhook->start(dir => $dir);
my $secret = 'a secret of the site, 32 letters';
my $file = Wenming::Site::write_file("$dir/hook-secret", "$secret\n", 0600);
my $worker = $site->staff(unit => 'wenyilu');
my $lead = $site->staff(unit => 'wenyilu', role => 'lead',
                        team => 'wenyilu-squad');
my $reviewer = $site->staff(unit => 'wenyilu', role => 'reviewer');
my $schema = Wenming::Description->new->schema;
my $said = '';
my $people = 0;
my (%seen, @wrong);


sub iso {
    return Wenming::Site::iso(@_);
}


# The exit code; all that was said is kept.

sub notify {
    my ($rc, $text) = $site->tool('--url', $site->public_url, '--webhook',
                                  $hook->url, '--webhook-secret', $file,
                                  'notify', @_);
    $said .= $text;

    return wantarray ? ($rc, $text) : $rc;
}


# What a run delivers: requests, by kind and then by name.

sub told {
    my ($rc, $text) = notify(@_);

    diag "ended with $rc: $text" if $rc;

    my @came = sort { "$a->{doc}{kind} $a->{doc}{name}"
                      cmp "$b->{doc}{kind} $b->{doc}{name}" } $hook->came;

    for my $r (@came) {
        $seen{$r->{doc}{kind}}++;
        push @wrong, "$r->{doc}{id} is not signed"
            if !Wenming::Webhook::signed($r, $secret);
        push @wrong, map { "$r->{doc}{id} $_" } $schema->check(
            { '$ref' => '#/components/schemas/Notification' }, $r->{doc});
    }

    return @came;
}


sub kinds {
    return join ' ', map { "$_->{doc}{kind}:$_->{doc}{name}" } @_;
}


sub someone {
    my $n = ++$people;

    return ("居民$n", $site->phone($n));
}


sub order {
    my ($name, $phone) = someone();
    my $day = substr iso(time + 20 * 86400), 0, 10;
    my $r = $site->browser->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu-1', wanted => [$day],
        head_count => 30, contact_name => $name, phone => $phone, @_ });

    return ($r->json->{id}, $name, $r->json->{number});
}


sub act {
    my ($who, $id, $action, %body) = @_;

    my $r = $who->post("api/staff/orders/$id/$action", json => \%body);

    is $r->{status}, 200, "$action" or diag $r->{body};

    return;
}


sub dispatched {
    my @order = order();

    act($worker, $order[0], 'dispatch', team => 'wenyilu-squad');

    return @order;
}


# A wish of somebody new; a step of somebody who may take it.

sub wish {
    my ($name, $phone) = someone();
    my $r = $site->browser->post('api/wishes', json => {
        wish => '想学用手机挂号', text => '眼睛不好', category => 'study',
        unit => 'wenyilu-1', who => 'new', name => $name, phone => $phone });

    is $r->{status}, 201, "$name wishes" or diag $r->{body};

    return ($r->json->{id}, $name);
}


sub grant {
    my ($who, $id, $action, %body) = @_;

    my $r = $who->post("api/staff/wishes/$id/$action", json => \%body);

    is $r->{status}, 200, $action or diag $r->{body};

    return $r->json;
}


sub published {
    my @wish = wish();

    grant($reviewer, $wish[0], 'publish', wish => '想学手机');

    return @wish;
}


# An event that begins in so many hours.

sub event {
    my ($hours, %o) = @_;

    return $site->event(start => iso(time + $hours * 3600),
                        end => iso(time + $hours * 3600 + 3600),
                        capacity => 2, worker => $worker, %o);
}


sub enrol {
    my ($event) = @_;

    my ($name, $phone) = someone();
    my $web = $site->browser;
    my $r = $web->post("api/events/$event/enrol", json => {
        name => $name, phone => $phone });

    is $r->{status}, 201, "$name enrols" or diag $r->{body};

    return ($web, $name);
}


sub leave {
    my ($web, $event) = @_;

    is $web->post("api/events/$event/enrol/cancel", json => {})->{status},
       200, 'somebody leaves';

    return;
}


sub change {
    my ($event, %o) = @_;

    my $r = $worker->patch("api/staff/events/$event", json => \%o);

    is $r->{status}, 200, 'the event is changed' or diag $r->{body};

    return;
}


sub cancel {
    my ($event) = @_;

    is $worker->post("api/staff/events/$event/cancel", json => {})->{status},
       200, 'the event is cancelled';

    return;
}


sub person {
    my ($web) = @_;

    return $web->get('api/me/enrolments')->json->{items}[0]{person};
}


# ---- what is refused before anything is done

sub refused {
    my ($like, $name, @words) = @_;

    my ($rc, $text) = $site->tool('--url', $site->public_url, @words,
                                  'notify');

    is $rc, 2, $name;
    like $text, $like, 'and it says why';

    return;
}

my $open = Wenming::Site::write_file("$dir/open", "$secret\n", 0644);
my $short = Wenming::Site::write_file("$dir/short", "too short\n", 0600);

refused(qr/chmod 600/, 'a secret that others may read', '--webhook',
        $hook->url, '--webhook-secret', $open);
refused(qr/16 characters/, 'a short secret', '--webhook', $hook->url,
        '--webhook-secret', $short);
refused(qr/https:/, 'http to another machine', '--webhook',
        'http://192.0.2.1/hook', '--webhook-secret', $file);
refused(qr/https:/, 'a name that only begins like this machine',
        '--webhook', 'http://127.0.0.1.example.com/', '--webhook-secret',
        $file);
refused(qr/https:/, 'no web address', '--webhook', 'ftp://127.0.0.1/',
        '--webhook-secret', $file);
refused(qr/user and password/, 'a password in the address', '--webhook',
        'https://a:b@example.com/', '--webhook-secret', $file);
refused(qr/--webhook ADDRESS is needed/, 'no webhook');
refused(qr/--webhook-secret FILE is needed/, 'no secret', '--webhook',
        $hook->url);
is notify('--once', '--dead'), 2, 'two things at once';
is notify('--watch', 0), 2, 'no time between runs';
is notify('--now', 'soon'), 2, 'no time';
is_deeply [$hook->came], [], 'nothing was sent';


# ---- the first run tells nothing of what was before

my ($before) = dispatched();

act($lead, $before, 'accept');
is kinds(told()), '', 'the first run begins';


# ---- orders

my ($id, $name, $number) = dispatched();
act($lead, $id, 'accept');

my ($r) = told();
my $doc = $r->{doc};

is $r->{request}, 'POST /hook?site=1 HTTP/1.1', 'a request to the webhook';
ok Wenming::Webhook::signed($r, $secret), 'it is signed';
ok !Wenming::Webhook::signed({ %$r, body => "$r->{body} " }, $secret),
   'what was changed on the way is not';
is $r->{head}{'content-type'}, 'application/json; charset=utf-8', 'JSON';
is $r->{head}{'wenming-id'}, $doc->{id}, 'the id stands in the head too';
like $doc->{id}, qr/^\d+-\d+\.order_accepted\.$id$/, 'of entry and order';
is $doc->{kind}, 'order_accepted', 'accepted';
is $doc->{district}, 'furong', 'where';
is $doc->{name}, $name, 'whom';
is $doc->{phone}, $site->phone($people), 'his number';
is $doc->{title}, '点单已接单', 'a title';
is $doc->{text}, "您点的「$doc->{subject}」（编号$number）已接单，"
                 . '排好时间后再通知您。', 'and what a message says';
is $doc->{link}, $site->public_url . '/orders', 'where to look';
is $doc->{order}, $id, 'the order';
is $doc->{order_number}, $number, 'its number';
is $doc->{event}, undef, 'no event';
is $doc->{deadline}, undef, 'no deadline';
like $doc->{made_at}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/, 'when';
is_deeply [sort keys %$doc],
          [qw(deadline district event id kind link made_at name order
              order_number phone place start subject text title verified
              wish)],
          'and nothing else';
ok !$doc->{verified}, 'his number was only typed';
is kinds(told()), '', 'once';

($id, $name) = dispatched();
act($lead, $id, 'decline', reason => '队伍没有空');
($r) = told();
is kinds($r), "order_returned:$name", 'given back by the team';
unlike $r->{body}, qr/队伍/, 'whose reason is for workers';

($id, $name, $number) = order();
act($worker, $id, 'reject', reason => '这个月已经排满');
($r) = told();
is kinds($r), "order_rejected:$name", 'rejected';
like $r->{doc}{text}, qr/编号$number）未能受理。原因：这个月已经排满/,
     'with the reason';

($id, $name) = order();
$redis->call('HSET', $site->key("order:$id"), 'wanted', '2020-01-01');
$site->must('expire');
is kinds(told()), "order_expired:$name", 'the wanted days are over';

# who ordered has two of the four places

($id, $name, $number) = order(head_count => 2);
my $event = event(72, orders => [$id], title => '法治讲座',
                  place => '二楼活动室', capacity => 4);
($r) = told();
is kinds($r), "order_scheduled:$name", 'scheduled';
is $r->{doc}{link}, $site->public_url . "/event/$event", 'leads to the event';
is $r->{doc}{event}, $event, 'which is named';
like $r->{doc}{text}, qr/编号$number）已排课：\d+月\d+日（周.）\d\d:\d\d，二楼活动室。已为您留好2个名额。$/,
     'in words, and that there is a place';

# ten places for two groups of eight

{
    my @first = order(head_count => 8);
    my @second = order(head_count => 8);
    my $small = event(72, orders => [$first[0], $second[0]], capacity => 10);
    my %of = map { $_->{doc}{name} => $_->{doc} } told();

    is join(' ', sort keys %of), join(' ', sort $first[1], $second[1]),
       'both hear of it';
    like $of{$first[1]}{text}, qr/。已为您留好8个名额。$/, 'one has places';
    is $of{$first[1]}{link}, $site->public_url . "/event/$small",
       'and sees the event';
    like $of{$second[1]}{text},
         qr/。名额已满，您在候补中，有名额时再通知您。$/,
         'the other is told that he only waits';
    is $of{$second[1]}{link}, $site->public_url . "/enrol/$small",
       'and where he sees how that stands';
}


# ---- an event that is moved or cancelled

my ($first, $one) = enrol($event);
my ($second, $two) = enrol($event);
my ($third, $three) = enrol($event);

is kinds(told()), '', 'who enrols sees it himself';
change($event, capacity => 5);
is kinds(told()), "seat_given:$three", 'room for who waited';
change($event, content => '另外的内容');
is kinds(told()), '', 'what does not matter on the way there';
($third, my $four) = enrol($event);
change($event, place => '三楼大厅');

my @all = told();

is kinds(@all),
   join(' ', map { "event_changed:$_" } sort $name, $one, $two, $three, $four),
   'another place: for those with a place, who wait, and whose order it is';
is scalar(grep { $_->{doc}{text} =~ /变动，现在是：.*，三楼大厅。$/ } @all), 5,
   'where it is now';
is scalar(grep { $_->{doc}{order} } @all), 1, 'one by his order';

change($event, start => iso(time + 73 * 3600), end => iso(time + 75 * 3600));
change($event, start => iso(time + 74 * 3600));
@all = told();
is scalar(@all), 5, 'moved twice between two runs: told of the last';
my ($start) = $all[0]{doc}{start};
cmp_ok $start, 'eq', $worker->get("api/staff/events/$event")->json->{start},
       'with the time as it is';

cancel($event);
@all = told();
is kinds(@all),
   join(' ', map { "event_cancelled:$_" } sort $name, $one, $two, $three,
        $four), 'cancelled: the same people';
is scalar(grep { $_->{doc}{text} =~ /已取消，请不要前往。$/ } @all), 4,
   'need not come';
like +(grep { $_->{doc}{order} } @all)[0]{doc}{text},
     qr/请不要前往。您的点单（编号$number）正在重新安排。$/,
     'and who ordered it hears that it goes on';


# ---- seats

$event = event(5, capacity => 1);
($first) = enrol($event);
is kinds(told()), "event_tomorrow:居民$people", 'begins within a day';
($second, $two) = enrol($event);
($third, $three) = enrol($event);
leave($first, $event);
($r) = told();
is kinds($r), "place_offered:$two", 'a seat is offered';
is $r->{doc}{link}, $site->public_url . "/enrol/$event", 'where to answer';
my $until = $second->get('api/me/enrolments')->json->{items}[0]{until};
is $r->{doc}{deadline}, $until, 'with the deadline';
my ($clock) = $until =~ /T(\d\d:\d\d)/;
like $r->{doc}{text}, qr/请在\d+月\d+日（周.）${clock}前确认/, 'in words too';
$second->post("api/events/$event/enrol/decline", json => {});
is kinds(told()), "place_offered:$three", 'then the next';
$third->post("api/events/$event/enrol/accept", json => {});
is kinds(told()), "event_tomorrow:$three", 'reminded when he has it';

my $far = event(72, capacity => 1);
($first) = enrol($far);
($second, $two) = enrol($far);
leave($first, $far);
is kinds(told()), "seat_given:$two", 'days ahead it is given';

($third, $three) = enrol($far);
$r = $worker->post("api/staff/events/$far/enrolments/cancel",
                   json => { person => person($second) });
is $r->{status}, 200, 'a worker takes a place away' or diag $r->{body};
is kinds(told()), "place_removed:$two seat_given:$three",
   'which both hear of';


# ---- reminders

$event = event(30);
($first, $one) = enrol($event);
($second, $two) = enrol($event);
enrol($event);
is kinds(told()), '', 'more than a day ahead';

my $later = Wenming::Site::iso(time + 7 * 3600);

is kinds(told('--now', $later)),
   "event_tomorrow:$one event_tomorrow:$two", 'who is seated is reminded';
is kinds(told('--now', $later)), '', 'once';
change($event, start => iso(time + 29 * 3600));
@all = grep { $_->{doc}{kind} eq 'event_tomorrow' } told('--now', $later);
is kinds(@all), "event_tomorrow:$one event_tomorrow:$two",
   'and again when it was moved';
my ($ttl) = $redis->call('TTL', $site->key("reminded:$event"));
cmp_ok $ttl, '>', 0, 'what is known of it ends some day';


# ---- wishes

{
    my ($wish, $who) = published();
    ($r) = told();
    is kinds($r), "wish_opened:$who", 'published';
    is $r->{doc}{text}, '您的心愿「想学用手机挂号」已公开，等待队伍认领。',
       'in the words of who wished';
    is $r->{doc}{link}, $site->public_url . '/my/wishes', 'where to look';
    is $r->{doc}{wish}, $wish, 'which wish';
    is $r->{doc}{order}, undef, 'no order';
    is $r->{doc}{id} =~ s/^\d+-\d+//r, ".wish_opened.$wish", 'its own id';

    my ($owner) = $redis->call('HGET', $site->key("wish:$wish"), 'person');
    $redis->call('HSET', $site->key("person:$owner"), 'verified',
                 1000 * int time);

    grant($lead, $wish, 'claim');
    ($r) = told();
    is kinds($r), "wish_claimed:$who", 'a team takes it up';
    ok $r->{doc}{verified}, 'his number is known to be his';
    grant($lead, $wish, 'release', reason => '车坏了');
    ($r) = told();
    is kinds($r), "wish_released:$who", 'that it was given back is told';
    unlike $r->{doc}{text}, qr/车坏了/, 'why is for workers';
    grant($lead, $wish, 'claim');
    grant($lead, $wish, 'fulfil');
    is kinds(told()), "wish_done:$who", 'done: what was before is dropped';

    ($wish, $who) = wish();
    grant($reviewer, $wish, 'refuse', reason => '请先找村里');
    ($r) = told();
    is kinds($r), "wish_refused:$who", 'refused';
    like $r->{doc}{text}, qr/不予公开。原因：请先找村里$/, 'with the reason';

    ($wish, $who) = wish();
    grant($worker, $wish, 'answer', answer => '每周三有课');
    ($r) = told();
    is kinds($r), "wish_answered:$who", 'answered';
    like $r->{doc}{text}, qr/有答复：每周三有课$/, 'with the answer';

    ($wish, $who) = wish();
    my $day = substr iso(time + 20 * 86400), 0, 10;
    grant($worker, $wish, 'order', course => 'law-01', head_count => 5,
          wanted => [$day]);
    ($r) = told();
    is kinds($r), "wish_ordered:$who", 'it became an order';
    my ($made) = $redis->call('HGET', $site->key("wish:$wish"), 'order');
    is $r->{doc}{order}, $made, 'this one';
    like $r->{doc}{text}, qr/编号$r->{doc}{order_number}）/, 'by its number';
    is $r->{doc}{link}, $site->public_url . '/orders', 'among the orders';
}


# ---- all of them

my $source = Wenming::Source->new;
my $docs = Encode::decode('UTF-8', Wenming::Site::read_file(
    "$Wenming::Site::ROOT/docs/notifications.md"));

is_deeply [sort keys %seen],
          [sort map { $_->[0] } $source->table('wm_notices')],
          'every kind was delivered';
is_deeply [$docs =~ /^\| `(\w+_\w+)` \|[^|]*\|[^|]*\|$/mg],
          [map { $_->[0] } $source->table('wm_notices')],
          'docs/notifications.md has them all';
is_deeply [map { $_->[0] * { minute => 60, hour => 3600 }->{$_->[1]} }
           map { [/(\d+) (minute|hour)/] }
           $docs =~ /^\| (?:once|twice|\d times) \| (\d+ \w+) \|$/mg],
          [$source->table('wm_notify_delays')],
          'and after how long each is tried again';
is "@wrong", '', 'signed, and as docs/api/openapi.json describes it';


# ---- what is not true any more

sub obsolete {
    my ($what, $code) = @_;

    $hook->answer(500);
    notify();
    $hook->came;
    $code->();
    $hook->answer(200);

    my ($rc, $text) = notify('--now', iso(time + 90));

    is kinds(grep { $_->{doc}{kind} eq $what } $hook->came), '',
       "$what is not true any more";
    like $text, qr/[1-9]\d* dropped/, 'and is dropped';

    return;
}

($id) = dispatched();
act($lead, $id, 'accept');
obsolete('order_accepted', sub {
    act($lead, $id, 'decline', reason => '队伍没有空') });

($id, $name) = order();
$event = event(100, orders => [$id]);
obsolete('order_scheduled', sub { cancel($event) });

($id) = published();
obsolete('wish_opened', sub {
    grant($reviewer, $id, 'refuse', reason => '原因') });

$event = event(72);
($first) = enrol($event);
change($event, place => '别处');
obsolete('event_changed', sub { leave($first, $event) });

$event = event(72);
($first) = enrol($event);
change($event, place => '别处');
obsolete('event_changed', sub {
    $redis->call('HSET', $site->key("event:$event"), 'start',
                 1000 * int(time - 3600)) });

$event = event(5, capacity => 1);
($first) = enrol($event);
($second) = enrol($event);
leave($first, $event);
obsolete('place_offered', sub {
    $second->post("api/events/$event/enrol/decline", json => {}) });

$event = event(72);
($first) = enrol($event);
change($event, place => '别处');
obsolete('event_changed', sub {
    $redis->call('DEL', $site->key('person:' . person($first))) });

$event = event(72);
($first) = enrol($event);
change($event, place => '别处');
obsolete('event_changed', sub {
    $redis->call('HDEL', $site->key('person:' . person($first)), 'key') });


# ---- answers that are none

$hook->came;

for my $case (['302', 'status 302', 'a redirect is not followed'],
              ['204', '', 'any 2xx will do'],
              ['404', 'status 404', 'a wrong address'],
              ['half', '.', 'an answer without end'],
              ['long', '', 'an answer that is too long'])
{
    my ($answer, $why, $what) = @$case;

    ($id) = order();
    act($worker, $id, 'reject', reason => '原因');
    $hook->answer($answer);

    my ($rc, $text) = notify();
    my @came = $hook->came;

    is scalar(@came), 1, "$what: one request";
    is $rc, length $why ? 1 : 0, 'the exit code says it' or diag $text;
    like $text, qr/$why/, 'and why' if length $why;

    next if !length $why;

    $hook->answer(200);
    notify('--now', iso(time + 70));
    is +($hook->came)[0]{doc}{id}, $came[0]{doc}{id},
       'then it comes with the same id';
}


# ---- one run at a time

open my $held, '<', $file or die $!;
flock $held, 2 or die $!;
($id) = order();
act($worker, $id, 'reject', reason => '原因');
my ($code, $text) = notify();
is $code, 0, 'another run is at work: nothing is wrong';
is $text, "another run is at work\n", 'and it says so';
is_deeply [$hook->came], [], 'it keeps away';
close $held;
is scalar(my @one = told()), 1, 'then it is its turn';


# ---- nobody else sees who it is

my $outbox = '';

($id) = order();
act($worker, $id, 'reject', reason => '原因');
$hook->answer(500);
notify();
$outbox .= join ' ', map { ref $_ ? @$_ : $_ }
           $redis->call('HGETALL', $site->key('outbox')),
           $redis->call('ZRANGE', $site->key('outbox_due'), 0, -1),
           $redis->call('HGETALL', $site->key('notify'));
like $outbox, qr/order_rejected/, 'the outbox knows of it';

my ($rc, $journal) = $site->tool('journal');
my $words = Encode::encode('UTF-8', '手机挂号');

for my $text ($outbox, $said, join('', map { $_->{effects} } $site->journal),
              $journal)
{
    ok !(grep { index($text, $site->phone($_)) >= 0 } 1 .. $people)
       && $text !~ /\xe5\xb1\x85\xe6\xb0\x91\d/, 'no phone, no name';
    ok index($text, $words) < 0, 'and not what somebody wished';
}

($rc, my $audit) = $site->tool('audit');
is $rc, 0, 'the chain is whole' or diag $audit;

my $length = $site->journal_length;
notify() for 1 .. 3;
is $site->journal_length, $length, 'a run with nothing to do writes nothing';

end();
