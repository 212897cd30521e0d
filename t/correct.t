use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Time::HiRes qw(sleep);

# Who was written down wrongly: asked for by one worker, with a reason,
# confirmed by another; and leaving, by a worker's hand.

my $site = site();
my $redis = $site->redis;
my $one = $site->staff(unit => 'wenyilu', name => 'one');
my $two = $site->staff(unit => 'furong', name => 'two');
my $far = $site->staff(unit => 'chaoyangjie', name => 'far');
my $auditor = $site->staff(unit => 'wenyilu', role => 'auditor',
                           name => 'auditor');
my $event = $site->event;
my $at = "api/staff/events/$event";


sub written {
    my ($name, %change) = @_;

    my $r = $one->post("$at/attendance", json => { name => $name, %change });

    die "not written down: $r->{status} $r->{body}" if $r->{status} >= 300;

    return $r->json->{person};
}


sub row {
    my ($person) = @_;

    my ($row) = grep { $_->{person} eq $person }
                @{$one->get("$at/roster")->json->{items}};

    return $row;
}


sub record {
    return $redis->call('HGET', $site->key("att:$event"), $_[0]);
}


sub presence {
    return $two->get("$at/presence")->json;
}


sub unchanged {
    my ($before, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is $site->journal_length, $before, "$name: nothing written";
}


# ---- leaving, by hand

my $old = written('没带手机的老人');
my $mark = presence()->{mark};
my $r = $one->post("$at/attendance/out", json => { person => $old });

is $r->{status}, 201, 'somebody without a phone leaves';
ok length row($old)->{out}, 'and the roster says when';
is presence()->{present}, 1, 'he still counts as having been there';
isnt presence()->{mark}, $mark, 'and a page that watches sees a change';

my $out = record($old);

$r = $one->post("$at/attendance/out", json => { person => $old });
is $r->{status}, 200, 'twice is no mistake';
ok $r->json->{again}, 'and is said so';
is record($old), $out, 'the first time stays';
page($one->get("staff/events/$event/roster?left=$old"), 200,
     ['已登记签退：<b>没带手机的老人</b>'], 'the page names who has left');
unlike $one->get("staff/events/$event/roster?left=" . 'A' x 16)->text,
       qr/已登记签退/, 'and nobody who has not';
problem($one->post("$at/attendance/out", json => { person => 'A' x 16 }), 409,
        'not_checked_in', undef, 'who never came cannot leave');
problem($one->post("$at/attendance/out", json => { person => 'x' }), 404,
        'not_found', undef, 'what is nobody');
problem($far->post("$at/attendance/out", json => { person => $old }), 404,
        'not_found', undef, 'not at an event of another unit');
problem($auditor->post("$at/attendance/out", json => { person => $old }), 403,
        'forbidden', undef, 'nor by who only reads');


# a repeat answers as the first time did, whatever has become of it since

{
    my $gone = written('来去匆匆的人');
    my $leave = sub {
        return $one->post("$at/attendance/out",
                          headers => { 'Idempotency-Key' => 'leaves-once' },
                          json => { person => $gone })->json->{out};
    };
    my $told = $leave->();

    sleep 1.1;
    is $one->post("$at/corrections", json => {
           person => $gone, what => 'reopen', reason => '还在' })->{status},
       201, 'leaving was a mistake';
    is $two->post("$at/corrections/confirm",
                  json => { person => $gone })->{status}, 200, 'it is undone';
    is $leave->(), $told, 'the first request, repeated, tells its own time';
    is row($gone)->{out}, '', 'and does nothing again';

    is $one->post("$at/corrections", json => {
           person => $gone, what => 'remove', reason => '走错了' })->{status},
       201, 'he was at the wrong door';
    is $two->post("$at/corrections/confirm",
                  json => { person => $gone })->{status}, 200, 'and is gone';
}


# ---- asked for by one

my $wrong = written('登记错的人');
my $before = $site->journal_length;

for my $case ([{ person => $wrong, what => 'remove', reason => '' },
               422, 'invalid', ['reason']],
              [{ person => $wrong, what => 'remove' },
               422, 'invalid', ['reason']],
              [{ person => $wrong, what => 'nothing', reason => '错' },
               422, 'invalid', ['what']],
              [{ person => $wrong, what => 'reopen', reason => '错' },
               409, 'state'],
              [{ person => 'A' x 16, what => 'remove', reason => '错' },
               404, 'not_found'])
{
    my ($body, @said) = @$case;

    problem($one->post("$at/corrections", json => $body), @said[0, 1],
            $said[2], "asked wrongly: @said[0, 1]");
}

problem($far->post("$at/corrections", json => {
            person => $wrong, what => 'remove', reason => '错' }), 404,
        'not_found', undef, 'asked from another unit');
unchanged($before, 'so far');

my $first = record($wrong);

$r = $one->post("$at/corrections", json => {
    person => $wrong, what => 'remove', reason => '看错: 不是他' });

is $r->{status}, 201, 'asked for, with a reason';
is record($wrong), $first, 'nothing is changed yet';
is presence()->{present}, 2, 'and he counts';
is_deeply [@{row($wrong)->{correction}}{qw(what reason by)}],
          ['remove', '看错: 不是他', 'one'], 'but everyone sees what is asked';
problem($one->post("$at/corrections", json => {
            person => $wrong, what => 'remove', reason => '再来' }), 409,
        'state', undef, 'once is enough');


# ---- confirmed by another

problem($one->post("$at/corrections/confirm", json => { person => $wrong }),
        403, 'second_person', undef, 'not by who asked for it');
problem($far->post("$at/corrections/confirm", json => { person => $wrong }),
        404, 'not_found', undef, 'nor from another unit');
problem($auditor->post("$at/corrections/confirm",
                       json => { person => $wrong }), 403, 'forbidden',
        undef, 'nor by who only reads');
problem($two->post("$at/corrections/confirm", json => { person => $old }),
        404, 'not_found', undef, 'nor what nobody asked for');

my $page = $one->get("staff/events/$event/roster");

page($page, 200, ['已申请', '删去这条签到', '看错: 不是他',
                  '等另一位工作人员确认', '撤回申请'],
     'the page of who asked');
$page = $two->get("staff/events/$event/roster");
page($page, 200, ['确认更正', '不更正'], 'the page of another');
is $two->get('api/staff/today')->json->{corrections}{count}, 1,
   'who finds it on the first page';

$r = $site->send_form($two, $page, {}, qr{corrections/confirm$});
is $r->{status}, 303, 'confirms it';
is record($wrong), undef, 'it is gone';
is presence()->{present}, 1, 'and not counted';
is $two->get('api/staff/today')->json->{corrections}{count}, 0,
   'nothing waits any more';

my ($ask, $done) = map { my $verb = $_;
                         (grep { $_->{verb} eq $verb } $site->journal)[-1] }
                   qw(attend.ask attend.correct);

like $ask->{effects}, qr/\Q$first/, 'the journal has what it was';
like $ask->{effects}, qr/看错|\xe7\x9c\x8b\xe9\x94\x99/, 'and why';
like $done->{effects}, qr/HDEL.*att:$event/s, 'and what was done';
is "$ask->{actor} $done->{actor}", 'staff:one staff:two', 'and by whom';
is $redis->call('EXISTS', $site->key("fix:$event")), 0, 'nothing is left over';

is written('登记错的人'), $wrong, 'he may still come';
is presence()->{present}, 2, 'and counts then';


# ---- undoing a check-out

$r = $one->post("$at/corrections", json => {
    person => $old, what => 'reopen', reason => '点错了一行' });
is $r->{status}, 201, 'a check-out that was a mistake';
$r = $two->post("$at/corrections/confirm", json => { person => $old });
is $r->{status}, 200, 'is undone';
is row($old)->{out}, '', 'he is there';
is((split /:/, record($old))[0], (split /:/, $out)[0], 'since he came');


# ---- dropped; changed meanwhile

for my $who ($one, $two) {
    $one->post("$at/corrections", json => {
        person => $old, what => 'remove', reason => '错' });
    is $who->post("$at/corrections/drop", json => { person => $old })
           ->{status}, 200, 'given up';
    ok !row($old)->{correction} && record($old), 'all stays as it was';
}

problem($one->post("$at/corrections/drop", json => { person => $old }), 404,
        'not_found', undef, 'nothing to give up');

$one->post("$at/corrections", json => {
    person => $old, what => 'remove', reason => '错' });
$one->post("$at/attendance/out", json => { person => $old });
problem($two->post("$at/corrections/confirm", json => { person => $old }),
        409, 'conflict', undef,
        'what has changed since it was asked is not corrected');
$two->post("$at/corrections/drop", json => { person => $old });

$one->post("$at/corrections", json => {
    person => $old, what => 'remove', reason => '错' });



# ---- the form

$page = $one->get("staff/events/$event/roster");
$r = $site->send_form($one, $page, { what => 'remove', reason => '' },
                      qr{corrections$});
page($r, 422, ['这一项必须填写', '没带手机的老人'],
     'a form without a reason comes back');


# ---- of the same name, without a phone

$page = $site->send_form($one, $page, { name => '张奶奶' }, qr/attendance$/);
page($page, 201, ['已登记：'], 'one');

for my $n (2, 3) {
    $page = $site->send_form($one, $page, { name => '张奶奶', $n == 3 ?
                             (another => 2) : () }, qr/attendance$/);
    page($page, 200, ['无需重复', '同名，是另一位'],
         'the next of that name is asked about');

    my ($form) = grep { $_->{hidden}{another} } $page->forms;

    is $form->{hidden}{another}, $n, 'and would be number ' . $n;
    $page = $one->post("staff/events/$event/attendance",
                       form => $form->{hidden});
    page($page, 201, ["张奶奶（$n）"], 'who is written down beside the others');
}

is_deeply [sort map { $_->{name} } grep { $_->{name} =~ /张奶奶/ }
                @{$one->get("$at/roster")->json->{items}}],
          ['张奶奶', '张奶奶（2）', '张奶奶（3）'], 'all three are there';


# ---- who is forgotten while a correction of him waits

my $phone = $site->phone(7);
my $gone = written('陈示例', phone => $phone);

$one->post("$at/corrections", json => {
    person => $gone, what => 'remove', reason => '认错人' });

my @queues = map { $site->key("fixes:$_") } qw(wenyilu furong);

is_deeply [map { $redis->call('ZSCORE', $_, "$event:$gone") ? 1 : 0 }
           @queues], [1, 1], 'it waits in each unit';

my ($rc, $said) = $site->tool(\"陈示例\n$phone\n", 'person', 'forget',
                              '--yes');

is $rc, 0, 'forgotten' or diag $said;
is_deeply [map { $redis->call('ZSCORE', $_, "$event:$gone") } @queues],
          [undef, undef], 'nothing of him waits any more';
is $redis->call('HEXISTS', $site->key("fix:$event"), $gone), 0,
   'and what was asked is gone';

# what was left behind once does not hide what waits

$redis->call('ZADD', $queues[1], $_, "$event:" . $_ x 16) for 1 .. 8;
$one->post("$at/corrections", json => {
    person => $old, what => 'remove', reason => '认错人' });
is_deeply [map { scalar $_->{count}, map { $_->{what} } @{$_->{items}} }
           $two->get('api/staff/today')->json->{corrections}],
          [1, 'remove'], 'the first page shows what really waits';

problem($one->get('api/staff/events/9999/presence'), 404, 'not_found', undef,
        'no event');
problem($far->get("$at/presence"), 404, 'not_found', undef,
        'nor one of another unit');

end();
