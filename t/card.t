use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use POSIX ();
use Time::HiRes qw(sleep);

# Residents' cards, and the worker who scans them at the door.

my $site = site();
my $worker = $site->worker;
my $seal = $site->seal;
my $redis = $site->redis;
my $iso = \&Wenming::Site::iso;


# Somebody whom this device knows since he checked in somewhere.

sub resident {
    my ($n) = @_;

    my $browser = $site->browser;
    my $event = $site->event;
    my $r = $browser->post('api/c', json => {
        ticket => $site->ticket($browser, $event, 'screen-in'), who => 'new',
        name => "居民$n", phone => $site->phone($n) });

    is $r->{status}, 201, "resident $n";

    return $browser;
}


sub scan {
    my ($event, $card, %o) = @_;

    return $worker->post("api/staff/events/$event/card",
                         json => { card => $card, %o });
}


# ---- on a phone

my $anna = resident(1);
my $card = $anna->get('api/me/card')->json;

ok $card->{known}, 'whoever the device knows has a card';
is $card->{name}, '居民1', 'with the name';
like $card->{phone}, qr/^1\d\d\*{4}\d{4}$/, 'the phone is masked';
like $card->{code}, qr/^[0-9A-HJKMNP-TV-Z]{58}$/, 'and a code';
page($anna->get('my/card'), 200, ['我的签到卡', '居民1',
     '<img class="qr" src="data:image/svg+xml', '更新二维码'],
     'shown as a QR, with a way to a fresh one');

my $nobody = $site->browser;

ok !$nobody->get('api/me/card')->json->{known}, 'others have none';
ok !exists $nobody->get('api/me/card')->json->{code}, 'nor a code';
page($nobody->get('my/card'), 200, ['报名一次活动'], 'but a way to one');
page($anna->get('me'), 200, ['我的签到卡'], '我的 leads to it');

# ---- at the door

my $event = $site->event;
my $r = scan($event, $card->{code});

is $r->{status}, 201, 'a card is scanned';

my $doc = $r->json;

is "$doc->{name} $doc->{status} $doc->{how} $doc->{level}",
   '居民1 checked_in card 4', 'who it is, and how well it is proved';
is $doc->{by}, 'worker-furong', 'and by whom';
ok !$doc->{again}, 'for the first time';

$r = scan($event, lc $card->{code});
is $r->{status}, 200, 'twice is no error';
ok $r->json->{again}, 'but said';
is $r->json->{in}, $doc->{in}, 'with the first time';
is $site->roster($event)->{present}, 1, 'and counts once';

my ($entry) = grep { ($_->{verb} || '') eq 'attend.card' } $site->journal;

ok $entry, 'the journal has it';

# the same person at a screen afterwards: there already

$r = $anna->post('api/c', json => {
    ticket => $site->ticket($anna, $event, 'screen-in'), who => 'me' });
is $r->{status}, 200, 'a screen knows him then';
is $r->json->{how}, 'card', 'the card stays the proof';

# leaving

$r = scan($event, $card->{code}, out => 1);
is "$r->{status} " . $r->json->{status}, '201 checked_out', 'checked out';
ok length $r->json->{out}, 'with the time';
$r = scan($event, $card->{code}, out => 1);
is $r->{status}, 200, 'twice is no error either';

my $ben = resident(2);
my $other = $ben->get('api/me/card')->json->{code};

problem(scan($event, $other, out => 1), 409, 'not_checked_in', undef,
        'nobody leaves who was not there');

# ---- what is no card

my $person = $doc->{person};
my %bad = (
    'not base32' => 'hello', 'nothing of ours' => 'A' x 58,
    'a code of the screen' => $seal->token(event => $event),
    'a card that ended' => $seal->card(person => $person,
                                       expires => time - 1),
    'another epoch' => $seal->card(person => $person, epoch => 3),
    'another kind' => $seal->card(person => $person, kind => 'screen-in'),
    'another version' => $seal->card(person => $person, head => 2 << 5 | 5),
    'nobody' => $seal->card(person => '0' x 16),
    'paper made with the key of phones' =>
        $seal->card(person => $person, kind => 'paper-card'),
);

my $before = $site->journal_length;

problem(scan($event, $bad{$_}), 403, 'card_invalid', undef, $_)
    for sort keys %bad;
is $site->journal_length, $before, 'and nothing is written';
problem(scan($event, ''), 422, 'invalid', ['card'], 'an empty one');

is scan($event, $seal->card(person => $person))->{status}, 200,
   'but one that is well made';

# ---- a queue from where there was no network

my $carl = resident(3);
my $code = $carl->get('api/me/card')->json->{code};
my $seen = int(time) - 600;

$r = scan($event, $code, at => $iso->($seen));
is $r->{status}, 201, 'what was seen before comes later';
is $r->json->{in}, POSIX::strftime('%Y-%m-%dT%H:%M:%S+08:00',
                                   gmtime $seen + 8 * 3600),
   'with its own time';

my $late = $seal->card(person => $person, expires => time - 600);

is scan($event, $late, at => $iso->(time - 900))->{status}, 200,
   'a card that was good then';
problem(scan($event, $late, at => $iso->(time - 300)), 403, 'card_invalid',
        undef, 'not one that was over then');
problem(scan($event, $code, at => $iso->(time + 3600)), 422, 'invalid',
        ['at'], 'nothing of the future');
problem(scan($event, $code, at => $iso->(time - 13 * 3600)), 422, 'invalid',
        ['at'], 'nor of long ago');

# a repeat answers as the first time did, whatever has become of it since

{
    my $dora = resident(4);
    my $hers = $dora->get('api/me/card')->json->{code};
    my $again = sub {
        my (%o) = @_;

        return $worker->post("api/staff/events/$event/card",
                             headers => { 'Idempotency-Key' =>
                                          join '-', 'scan', %o },
                             json => { card => $hers, %o })->json;
    };
    my %seen = (at => $iso->(int(time) - 300));
    my $other_worker = $site->staff(unit => 'furong', name => 'two');

    for my $o ({}, \%seen) {
        my $told = $again->(%$o);

        sleep 1.1;
        is $worker->post("api/staff/events/$event/corrections", json => {
               person => $told->{person}, what => 'remove',
               reason => '看错' })->{status}, 201, 'scanned by mistake';
        is $other_worker->post("api/staff/events/$event/corrections/confirm",
               json => { person => $told->{person} })->{status}, 200,
           'it is undone';
        is $again->(%$o)->{in}, $told->{in},
           'the first request, repeated, tells its own time';
    }
}

# ---- the times and places of an event

my $soon = $site->event(start => $iso->(time + 3 * 3600),
                        end => $iso->(time + 4 * 3600));

problem(scan($soon, $other), 409, 'not_open', undef, 'too early');

my $over = $site->event(start => $iso->(time - 7200),
                        end => $iso->(time - 3600));

problem(scan($over, $other), 409, 'closed', undef, 'too late');
is scan($over, $seal->card(person => $person),
        at => $iso->(time - 4000))->{status}, 201,
   'but not what was seen in time';

my $full = $site->event(capacity => 1, walk_in => 'no',
                        start => $iso->(time + 600),
                        end => $iso->(time + 3600));

problem(scan($full, $other), 409, 'no_place', undef,
        'without a place, where one is needed');
$r = $ben->post("api/events/$full/enrol", json => { who => 'me' });
is $r->{status}, 201, 'enrolled';
is scan($full, $ben->get('api/me/card')->json->{code})->{status}, 201,
   'who has one comes in';

# ---- on paper

my $station = $site->staff(unit => 'chaoyangjie');

my $hand = $worker->post("api/staff/events/$event/attendance",
                         json => { name => '张奶奶' })->json->{person};
my $paper = $worker->get("staff/events/$event/paper?person=$hand");

page($paper, 200, ['纸质签到卡', '张奶奶', '参加活动时，请出示此卡'],
     'a card for somebody without a phone');
page($worker->get("staff/events/$event/roster"), 200,
     ["staff/events/$event/paper?person=$hand"], 'the roster leads to it');

is $worker->get("staff/events/$event/paper?person=" . '0' x 16)->{status},
   404, 'not for somebody who was not there';
is $worker->get("staff/events/$soon/paper?person=$hand")->{status}, 404,
   'nor by way of another event';

my $next = $site->event;

is scan($next, $seal->paper(person => $hand))->{status}, 201, 'it works at the next event';
problem(scan($next, $seal->seal('card', pack 'CCa10NN', 1 << 5 | 6, 1,
             Wenming::Seal::unbase32($hand), 0, 0)), 403, 'card_invalid',
        undef, 'paper is not signed with the key of phones');

# a lost one is ended by the office, once, however often one taps

for (1, 2) {
    $r = $site->send_form($worker, $paper, {}, qr/paper$/);
    is $r->{status}, 303, 'ended by the office';
    is $r->header('location') =~ s/.*wenming\///r,
       "staff/events/$event/paper?person=$hand", 'which has a new one';
}

is $station->get("staff/events/$event/paper?person=$hand")->{status}, 404,
   'but not by another';
is $station->post("staff/events/$event/paper", form => {
       person => $hand })->{status}, 404, 'nor ended';
problem(scan($site->event, $seal->paper(person => $hand)), 403, 'card_invalid', undef,
        'a lost card can be ended');
is scan($site->event, $seal->paper(person => $hand, epoch => 1))->{status}, 201,
   'and a new one be made';

# ---- who may

problem($station->post("api/staff/events/$event/card",
                       json => { card => $other }), 404, 'not_found', undef,
        'not for workers of elsewhere');
is $station->get("staff/events/$event/scan")->{status}, 404, 'nor the page';
is $station->get("staff/events/$event/paper?person=$hand")->{status}, 404,
   'nor a card on paper';
problem($site->staff(role => 'auditor')->post("api/staff/events/$event/card",
        json => { card => $other }), 403, 'forbidden', undef,
        'nor who only reads');
problem($site->browser->post("api/staff/events/$event/card",
        json => { card => $other }), 401, 'sign_in', undef, 'nor anyone');

# ---- the page: a form that a scanner of the desk types into

my $door = $worker->get("staff/events/$event/scan");

page($door, 200, ['扫卡签到', '用扫码枪'], 'the page at the door');
like $door->text, qr/<input id="card"[^>]* autofocus/, 'one can scan at once';

$r = $site->send_form($worker, $door, { card => $ben->get('api/me/card')
     ->json->{code} }, qr/card$/);
page($r, 201, ['居民2', '签到成功'], 'typed, without a script');
$r = $site->send_form($worker, $r, { card => $other }, qr/card$/);
page($r, 200, ['居民2', '无需重复'], 'and again');
$r = $site->send_form($worker, $r, { card => 'rubbish' }, qr/card$/);
page($r, 403, ['认不出来', '请登记姓名', '用扫码枪'],
     'what is no card is said on the page');
$r = $site->send_form($worker, $r, { card => '' }, qr/card$/);
page($r, 422, ['请先扫卡', '用扫码枪'], 'an empty field as well');

page($worker->get("staff/events/$event/scan?out=1"), 200, ['扫卡签退'],
     'the same for leaving');

# the camera, and WebAssembly, are for this page alone

like $door->header('content-security-policy'),
     qr/script-src 'self' 'wasm-unsafe-eval';/, 'this page may run wasm';
is $door->header('permissions-policy'), 'camera=(self)', 'and the camera';

for my $page ($worker->get("staff/events/$event/roster"), $nobody->get('menu'))
{
    unlike $page->header('content-security-policy'), qr/wasm/, 'others no wasm';
    is $page->header('permissions-policy'), 'camera=()', 'and no camera';
}

# no code of a card stands in a log

ok Wenming::Site::read_file("$site->{dir}/access.log")
   !~ /\b[0-9A-Z]{58}\b/, 'no card in the log';

end();
