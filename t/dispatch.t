use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The life of an order over HTTP: who may take which step, what each says
# when it is not the time for it, and that nothing is lost on the way.

use Wenming::Source;

my $site = site(expect => [qr/wenming: state/]);
my $web = $site->browser;
my $redis = $site->redis;
my $centre = $site->staff(unit => 'furong', role => 'administrator');
my $worker = $site->staff(unit => 'wenyilu');
my $second = $site->staff(unit => 'wenyilu', name => 'second');
my $station = $site->staff(unit => 'wenyilu-1');
my $beside = $site->staff(unit => 'huoxing');
my $auditor = $site->staff(role => 'auditor');
my $lead = $site->staff(unit => 'wenyilu', role => 'lead',
                        team => 'wenyilu-squad');
my $lecturer = $site->staff(unit => 'furong', role => 'lecturer',
                            team => 'lecturers');
my $soon = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;


sub order {
    my (%change) = @_;

    $people++;

    return { course => 'law-01', unit => 'wenyilu-1', wanted => [$soon],
             head_count => 30, contact_name => "居民$people",
             phone => $site->phone($people), %change };
}


sub ordered {
    return $web->post('api/orders', json => order(@_))->json->{id};
}


# A step, by somebody.

sub act {
    my ($who, $id, $action, %body) = @_;

    return $who->post("api/staff/orders/$id/$action", json => \%body);
}


sub seen {
    my ($who, $id) = @_;

    return $who->get("api/staff/orders/$id")->json;
}


sub ids {
    my ($who, %query) = @_;

    my $r = $who->get('api/staff/orders', query => \%query);

    return map { $_->{id} } @{$r->json->{items} || []};
}


sub mine {
    my ($id) = @_;

    return (grep { $_->{id} eq $id }
            @{$web->get('api/me/orders')->json->{items}})[0];
}


# ---- the table, in the sources and in docs/orders.md

my $source = Wenming::Source->new;
my @states = grep { length } map { $_->[0] } $source->table('wm_order_states');
my @who = qw(requester worker team event tool rater);
my @table;

for my $row ($source->table('wm_order_actions')) {
    my ($code, $from, $next, $who, $needs, undef, $text) = @$row;

    push @table, {
        code => $code, text => $text, next => lc($next =~ s/WM_ORDER_//r),
        from => [grep { $from =~ /\bWM_ORDER_\U$_\E\b/ } @states],
        who => [grep { $who =~ /\bWM_ORDER_NR_\U$_\E\b/ } @who],
        needs => lc($needs =~ s/WM_ORDER_NEED_//r) };
}

is scalar @table, 13, 'the table has its actions';

my $docs = Wenming::Site::read_file("$Wenming::Site::ROOT/docs/orders.md");
utf8::decode($docs);
my @documented = $docs =~ /^(\| `\w+` .*)$/mg;

is_deeply \@documented, [map { my $t = $_;
    '| ' . join(' | ', "`$t->{code}`", $t->{text}, join(', ', @{$t->{from}}),
                $t->{next}, join(', ', @{$t->{who}}),
                $t->{needs} eq 'nothing' ? '' : $t->{needs}) =~ s/  / /gr
    . ($t->{needs} eq 'nothing' ? '|' : ' |') } @table],
    'docs/orders.md has the table of the sources';


# ---- the whole way, by three people

my $id = ordered();
my $o = seen($worker, $id);

is $o->{status}, 'submitted', 'an order arrives';
is $o->{handler}, 'wenyilu-1', 'at the unit it was made for';
is_deeply [sort @{$o->{possible}}], [qw(dispatch escalate reject)],
          'and says what can be done';
ok !$o->{overdue} && length $o->{deadline}, 'with a deadline ahead';
is $o->{phone}, "13910000001", 'and whom to call';

my $r = act($worker, $id, 'dispatch', team => 'wenyilu-squad',
            note => '请自带投影仪');
is $r->{status}, 200, 'dispatched';
is $r->json->{status}, 'dispatched', 'it says so';
is $r->json->{team_name}, '文艺路街道示例社区一志愿服务队', 'to whom';
is $r->json->{remark}, '请自带投影仪', 'with a word for the team';

is join(' ', ids($lead)), $id, 'the lead sees what came to the team';
is join(' ', ids($lecturer)), '', 'and another team does not';
problem($lecturer->get("api/staff/orders/$id"), 404, 'not_found', undef,
        'nor by its address');
problem(act($lecturer, $id, 'accept'), 404, 'not_found', undef,
        'nor may accept it');
is_deeply seen($lead, $id)->{possible}, [qw(accept decline)],
          'a lead accepts or declines';
problem(act($lead, $id, 'reject', reason => '不行'), 403, 'forbidden', undef,
        'and does not refuse it for all');
problem(act($lead, $id, 'decline'), 422, 'invalid', ['reason'],
        'declining needs a reason');

$r = act($lead, $id, 'decline', reason => '那天没有人');
is $r->{status}, 200, 'declined';
ok !exists $r->json->{phone}, 'it is not the team\'s any more';
problem($lead->get("api/staff/orders/$id"), 404, 'not_found', undef,
        'and out of its sight');
$o = seen($worker, $id);
is "$o->{status} $o->{reason}", 'submitted 那天没有人',
   'it is back, with the reason for workers';
ok !exists mine($id)->{reason}, 'and not for the requester';

is act($worker, $id, 'dispatch', team => 'wenyilu-squad')->{status}, 200,
   'dispatched again';
problem(act($worker, $id, 'reassign', team => 'wenyilu-squad'), 422,
        'invalid', ['team'], 'another team is another one');
problem(act($worker, $id, 'reassign', team => 'nobody'), 422, 'invalid',
        ['team'], 'and one that is there');
is act($worker, $id, 'reassign', team => 'lecturers')->{status}, 200,
   'reassigned';
is join(' ', ids($lead)), '', 'the first team does not have it now';
is join(' ', ids($lecturer)), $id, 'the other has';
is act($lecturer, $id, 'accept')->json->{status}, 'accepted', 'accepted';

my $event = $site->event(orders => [$id], unit => 'wenyilu-1',
                         worker => $worker,
                         start => Wenming::Site::iso(time - 7200),
                         end => Wenming::Site::iso(time + 3600));

is seen($worker, $id)->{status}, 'scheduled', 'publishing an event plans it';
problem(act($worker, $id, 'complete'), 409, 'not_over', undef,
        'it is not done before the event is over');
problem($worker->post("api/staff/events/$event/complete", json => {}), 409,
        'not_over', undef, 'nor with the event');
$worker->patch("api/staff/events/$event", json => {
    end => Wenming::Site::iso(time - 60) });
is act($worker, $id, 'complete')->json->{status}, 'completed',
   'then it is done';

$o = seen($worker, $id);
is join(' ', map { $_->{action} } @{$o->{log}}),
   'submit dispatch decline dispatch reassign accept schedule complete',
   'the log has every step';
is join(' ', map { $_->{by} } @{$o->{log}}[1, 2, 5]),
   'worker-wenyilu lead-wenyilu lecturer-furong', 'and who took it';
ok !grep({ $_->{took_s} !~ /^\d+$/ } @{$o->{log}}), 'how long each took';
is $o->{log}[4]{team}, 'lecturers', 'and the team';
is $o->{deadline}, '', 'nothing is due any more';

my $told = join ' ', map { $_->{text} . $_->{team_name} } @{mine($id)->{log}};
is $told, '已提交 已派单给文艺路街道示例社区一志愿服务队 正在重新安排 '
          . '已派单给文艺路街道示例社区一志愿服务队 '
          . '已改派给芙蓉区百姓宣讲团（示例） '
          . '已接单：芙蓉区百姓宣讲团（示例） 已排课 已完成',
   'the requester reads it in plain words';
ok !grep({ exists $_->{by} } @{mine($id)->{log}}), 'without names';
page($web->get('orders'), 200, ['已接单：芙蓉区百姓宣讲团（示例）', '已完成'],
     'on the page too');


# ---- refusing, giving it to the unit above

$id = ordered();
problem(act($worker, $id, 'reject'), 422, 'invalid', ['reason'],
        'refusing needs a reason');
is act($worker, $id, 'reject', reason => '课程已停开')->json->{status},
   'rejected', 'refused';
is mine($id)->{reason}, '课程已停开', 'the requester is told why';
page($web->get('orders'), 200, ['不予受理', '课程已停开'], 'on the page too');

$id = ordered();
is_deeply [map { act($_, $id, 'escalate')->json->{handler} }
           $station, $worker], [qw(wenyilu furong)], 'up it goes';
problem(act($centre, $id, 'escalate'), 409, 'no_parent', undef,
        'until there is nobody above');
is_deeply seen($station, $id)->{possible}, [],
          'where it came from, it can be seen';
problem(act($station, $id, 'dispatch', team => 'corps'), 403, 'forbidden',
        undef, 'but not acted on');
is act($centre, $id, 'dispatch', team => 'corps')->{status}, 200,
   'the one above can';
problem($beside->get("api/staff/orders/$id"), 404, 'not_found', undef,
        'other units see nothing');
problem(act($beside, $id, 'reassign', team => 'health'), 404, 'not_found',
        undef, 'and do nothing');
problem(act($auditor, $id, 'reassign', team => 'health'), 403, 'forbidden',
        undef, 'who only reads may not');


# ---- every action from every state

my $over = sub { $redis->call('HSET', $site->key("event:$_[0]"), 'end',
                              (int(time) - 60) * 1000) };

# Whoever ordered last comes to the event and rates it.

sub rated {
    my ($id) = @_;

    my $event = $site->event(orders => [$id], worker => $worker,
                             unit => 'wenyilu-1');

    $site->check_in($web, $event, "居民$people", $site->phone($people),
                    fields => { who => 'new' });
    $over->($event);

    return $web->post("api/events/$event/ratings", json => { score => 5 });
}


sub in_state {
    my ($state) = @_;

    my $id = ordered();
    my %way = (
        submitted => sub { },
        dispatched => sub { act($worker, $id, 'dispatch',
                                team => 'wenyilu-squad') },
        accepted => sub { act($worker, $id, 'dispatch',
                              team => 'wenyilu-squad');
                          act($lead, $id, 'accept') },
        scheduled => sub { $over->($site->event(
            orders => [$id], worker => $worker, unit => 'wenyilu-1')) },
        completed => sub { $over->($site->event(
            orders => [$id], worker => $worker, unit => 'wenyilu-1'));
                           act($worker, $id, 'complete') },
        rejected => sub { act($worker, $id, 'reject', reason => '无') },
        cancelled => sub { $web->post("api/orders/$id/cancel", json => {}) },
        expired => sub { past($id); act($worker, $id, 'expire') },
        rated => sub { is rated($id)->{status}, 201, 'rated' });

    $way{$state}->();

    return $id;
}


# The wanted days go by.

sub past {
    my ($id) = @_;

    $redis->call('HSET', $site->key("order:$id"), 'wanted', '2020-01-01');

    return;
}


for my $t (@table) {
    my $staff = grep { $_ eq 'worker' } @{$t->{who}};

    next if $t->{code} eq 'submit' || !($staff || $t->{code} eq 'cancel');

    for my $state (@states) {
        my $id = in_state($state);
        my $allowed = grep { $_ eq $state } @{$t->{from}};

        is seen($worker, $id)->{status}, $state, "an order that is $state";
        past($id) if $t->{code} eq 'expire';

        my $before = $site->journal_length;
        my $r = $staff
                ? act($worker, $id, $t->{code}, reason => '无',
                      team => 'lecturers')
                : $web->post("api/orders/$id/cancel", json => {});
        my $name = "$t->{code} of $state";

        if ($allowed) {
            is $r->{status}, 200, $name or diag $r->text;
            is $r->json->{status}, $t->{next}, 'leads where the table says';
            is $site->journal_length, $before + 1, 'with one entry';

        } elsif ($t->{code} eq 'cancel' && $state eq 'cancelled') {
            is $r->{status}, 200, "$name is no error";
            is $site->journal_length, $before, 'and nothing happens';

        } else {
            problem($r, 409, 'state', undef, $name);
            is $r->json->{state}, $state, 'says what it is';
            is_deeply $r->json->{possible},
                      $staff ? [sort { $a cmp $b } map { $_->{code} }
                                grep { may($_, $state,
                                           $t->{code} eq 'expire') } @table]
                             : [], 'and what is possible'
                if defined $r->json->{possible}
                   && ($r->json->{possible}
                       = [sort @{$r->json->{possible}}]);
            ok defined $r->json->{possible}, 'in a list';
            is $site->journal_length, $before, 'and nothing happens';
        }
    }
}


# the steps that come by way of an event, from every state

my %step = map { ($_->{code} => $_) } @table;

sub allowed {
    my ($action, $state) = @_;

    return scalar grep { $_ eq $state } @{$step{$action}{from}};
}


for my $state (@states) {
    my $id = in_state($state);
    my $draft = $site->event(draft => 1, worker => $worker,
                             unit => 'wenyilu-1', orders => [$id]);
    my $r = $worker->post("api/staff/events/$draft/publish", json => {});
    my $name = "schedule of $state";

    if (allowed('schedule', $state)) {
        is $r->{status}, 200, $name;
        is seen($worker, $id)->{status}, 'scheduled', 'leads to its plan';

    } elsif (allowed('cancel', $state)) {
        problem($r, 409, 'state', undef, $name);
        is seen($worker, $id)->{status}, $state, 'changes nothing';

    } else {
        is $r->{status}, 200, "$name: what has ended is in nobody's way";
        is seen($worker, $id)->{status}, $state, 'and stays as it is';
    }
}

for my $state (qw(scheduled completed rated)) {
    my $id = in_state($state);
    my $event = seen($worker, $id)->{event};

    is $worker->post("api/staff/events/$event/cancel", json => {})->{status},
       200, "unschedule of $state";
    is seen($worker, $id)->{status},
       allowed('unschedule', $state) ? 'submitted' : $state,
       'only what was planned is given back';
}

for my $state (@states) {
    next if $state eq 'rated';

    my $id = in_state($state);
    my $last = $people;
    my $event = seen($worker, $id)->{event}
                || $site->event(worker => $worker, unit => 'wenyilu-1');

    # listed by an event that is over, whatever became of it

    $redis->call('HSET', $site->key("event:$event"), 'orders', $id, 'end',
                 (int(time) + 3600) * 1000);
    $redis->call('HSET', $site->key("order:$id"), 'event', $event);
    $site->check_in($web, $event, "居民$last", $site->phone($last),
                    fields => { who => 'new' });
    $over->($event);
    is $web->post("api/events/$event/ratings",
                  json => { score => 5 })->{status}, 201,
       "the event is rated, its order is $state";
    is seen($worker, $id)->{status},
       allowed('rate', $state) ? 'rated' : $state,
       'rate leads where the table says, or nowhere';
}

# rating an event rates the order of who rates, and no other

$id = in_state('completed');
my $last = $people;
my $others = ordered();

$event = seen($worker, $id)->{event};
$redis->call('HSET', $site->key("event:$event"), 'orders', "$id,$others",
             'end', (int(time) + 3600) * 1000);
$redis->call('HSET', $site->key("order:$others"), 'event', $event, 'status',
             'completed');
$redis->call('HSET', $site->key("event:$event"), 'end',
             (int(time) - 60) * 1000);
unlike $web->get('orders')->text, qr{/rate/$event"},
       'who was not there is not asked how it was';
$redis->call('HSET', $site->key("event:$event"), 'end',
             (int(time) + 3600) * 1000);
$site->check_in($web, $event, "居民$last", $site->phone($last),
                fields => { who => 'new' });
unlike $web->get('orders')->text, qr{/rate/$event"},
       'nor who sits there, before it is over';
$over->($event);
like $web->get('orders')->text, qr{href="/wenming/rate/$event"},
     'who ordered and was there is asked how it was';
is $web->post("api/events/$event/ratings", json => { score => 4 })->{status},
   201, 'who ordered rates the event';
unlike $web->get('orders')->text, qr{/rate/$event"}, 'and is asked once';
is seen($worker, $id)->{status}, 'rated', 'and with it the order';
is seen($worker, $others)->{status}, 'completed', 'but nobody else\'s';
is mine($id)->{log}[-1]{text}, '已评价', 'it is the last of its steps';
is mine($id)->{log}[-1]{action}, 'rate', 'by name';
page($web->get('orders'), 200, ['已评价'], 'and on the page');


# What the worker of the institute could do with an order made above.

sub may {
    my ($t, $state, $past) = @_;

    return $t->{code} ne 'submit'
           && (grep { $_ eq 'worker' } @{$t->{who}})
           && (grep { $_ eq $state } @{$t->{from}})
           && ($t->{needs} ne 'past' || $past || $state eq 'expired');
}


# ---- two at once

$id = ordered();

my @both = at_once(
    [$worker, 'POST', "api/staff/orders/$id/dispatch",
     json => { team => 'wenyilu-squad' }],
    [$second, 'POST', "api/staff/orders/$id/dispatch",
     json => { team => 'lecturers' }]);

is join(' ', sort map { $_->{status} } @both), '200 409', 'one of them wins';
is scalar(grep { $_->{action} eq 'dispatch' } @{seen($worker, $id)->{log}}),
   1, 'and it was dispatched once';

my ($loser) = grep { $_->{status} == 409 } @both;
is $loser->json->{state}, 'dispatched', 'the other is told how it stands';


# ---- the same request again

$id = ordered();

my %key = (json => { team => 'lecturers' },
           headers => { 'Idempotency-Key' => 'one' });
my @twice = map { $worker->post("api/staff/orders/$id/dispatch", %key) } 1, 2;

is "$twice[0]{status} $twice[1]{status}", '200 200',
   'the same key twice is one step';
is scalar @{seen($worker, $id)->{log}}, 2, 'in the log too';
is act($worker, $id, 'decline', reason => '误派')->{status}, 200, 'given back';
is $worker->post("api/staff/orders/$id/dispatch", %key)->json->{status},
   'submitted', 'and late repeats do nothing';
problem($worker->post("api/staff/orders/$id/dispatch",
                      json => { team => 'corps' },
                      headers => { 'Idempotency-Key' => 'one' }), 422,
        'key_reused', undef, 'another body is another request');


# ---- an event that is called off, and one that is over

my @ids = map { ordered() } 1 .. 12;

act($worker, $ids[0], 'dispatch', team => 'wenyilu-squad');
act($lead, $ids[0], 'accept');
$event = $site->event(orders => \@ids, worker => $worker,
                      unit => 'wenyilu-1');
is join(' ', map { seen($worker, $_)->{status} } @ids[0, 11]),
   'scheduled scheduled', 'an event takes more than eight orders';
$worker->post("api/staff/events/$event/cancel", json => {});
$o = seen($worker, $ids[0]);
is "$o->{status} $o->{team} $o->{event}", 'submitted  ',
   'called off, they come back without a team';
ok length $o->{deadline}, 'and are due again';

$event = $site->event(orders => [@ids[0 .. 3]], worker => $worker,
                      unit => 'wenyilu-1');
$web->post("api/orders/$ids[3]/cancel", json => {});
$over->($event);

my $length = $site->journal_length;
is $worker->post("api/staff/events/$event/complete", json => {})->{status},
   200, 'an event that is over completes its orders';
is join(' ', map { seen($worker, $_)->{status} } @ids[0 .. 3]),
   'completed completed completed cancelled', 'those that were planned';
is $site->journal_length, $length + 1, 'in one commit';
is $worker->post("api/staff/events/$event/complete", json => {})->json
   ->{status}, 'published', 'again is no error; it stays published';
is $site->journal_length, $length + 1, 'and nothing happens';


# ---- deadlines

my @late = map { ordered() } 1 .. 3;
my @due = map { $redis->call('ZSCORE', $site->key("due:$_"), $late[0]) }
          qw(wenyilu-1 wenyilu furong);

ok $due[0] && $due[0] == $due[1] && $due[1] == $due[2],
   'the unit and all above know the deadline';
cmp_ok abs($due[0] / 1000 - time - 86400), '<', 60, 'a day, unless configured';

for my $id (@late[0, 1]) {
    my $at = (int(time) - ($id eq $late[0] ? 60 : 120)) * 1000;
    $redis->call('HSET', $site->key("order:$id"), 'due', $at);
    $redis->call('ZADD', $site->key("due:$_"), $at, $id)
        for qw(wenyilu-1 wenyilu furong);
}

is join(' ', ids($worker, overdue => 1)), "$late[1] $late[0]",
   'what is overdue, the oldest first';
ok seen($worker, $late[0])->{overdue}, 'and it says so';
page($worker->get('staff/orders?overdue=1'), 200, ['已超期'],
     'in words on the page');
act($worker, $late[1], 'dispatch', team => 'lecturers');
is join(' ', ids($worker, overdue => 1)), $late[0],
   'a step in time takes it off the list';
cmp_ok abs($redis->call('ZSCORE', $site->key('due:furong'), $late[1]) / 1000
           - time - 2 * 86400), '<', 60, 'and the next is due';


# ---- deadlines as configured

{
    my $strict = site(http => ['wenming_deadlines dispatch=1h schedule=2d;'],
                      location => ['wenming_deadlines accept=90s;']);
    my $hand = $strict->worker;
    my $id = $strict->browser->post('api/orders', json => order())
                    ->json->{id};
    my $due = sub { $strict->redis->call('HGET', $strict->key("order:$id"),
                                         'due') / 1000 - time };

    cmp_ok abs($due->() - 3600), '<', 60, 'an hour, from the outer block';
    $hand->post("api/staff/orders/$id/dispatch", json => { team => 'corps' });
    cmp_ok abs($due->() - 90), '<', 60, 'ninety seconds, from the inner';
    $hand->post("api/staff/orders/$id/accept", json => {});
    cmp_ok abs($due->() - 2 * 86400), '<', 60, 'two days';
}


# ---- filters, pages

is join(' ', sort +ids($worker, team => 'lecturers', status => 'dispatched')),
   join(' ', sort grep { my $o = seen($worker, $_);
                         $o->{status} eq 'dispatched'
                         && $o->{team} eq 'lecturers' } ids($worker)),
   'by team and state';
is scalar(ids($worker, course => 'none')), 0, 'by course';
is scalar(ids($worker, from => '2020-01-01', to => '2020-12-31')), 0,
   'by day';
is scalar(ids($worker, unit => 'wenyilu-1')), scalar(ids($worker)),
   'by unit';
problem($worker->get('api/staff/orders?unit=huoxing'), 404, 'not_found',
        undef, 'not another\'s unit');
problem($worker->get('api/staff/orders?cursor=x'), 422, 'invalid',
        ['cursor'], 'what is no cursor');

my @all = ids($worker);
my (@paged, $cursor);

# some of the same moment, so that ids decide

$redis->call('ZADD', $site->key('orders:wenyilu'), 1_700_000_000_000, $_)
    for @all[-5 .. -1];
@all = ids($worker);

for (1 .. 100) {
    my $doc = $worker->get('api/staff/orders', query => {
        limit => 3, defined $cursor ? (cursor => $cursor) : () })->json;

    push @paged, map { $_->{id} } @{$doc->{items}};
    $cursor = $doc->{next};
    last if !defined $cursor;
    ordered() if $_ % 5 == 0;
}

is join(' ', @paged), join(' ', @all),
   'page by page, nothing twice and nothing missing while orders come';

my $page = $worker->get('staff/orders?limit=3&status=submitted');
my ($next) = Wenming::Answer::unescape($page->text)
             =~ m{href="/wenming/(staff/orders\?cursor=[^"]+)"};
like $next, qr/&status=submitted&limit=3$/, 'the page has a link to the next';
is $worker->get($next)->{status}, 200, 'that works';


# ---- by phone

$r = $worker->post('api/staff/orders', json => order(group => '示例小学'));
is $r->{status}, 201, 'a worker orders for somebody';
$id = $r->json->{id};
$o = seen($worker, $id);
is "$o->{by} $o->{group}", 'worker-wenyilu 示例小学', 'and stands in it';
is +($site->journal)[-1]{actor}, 'staff:worker-wenyilu', 'and in the journal';
problem($worker->post('api/staff/orders', json => order(unit => 'huoxing')),
        422, 'invalid', ['unit'], 'in the own scope only');
problem($auditor->post('api/staff/orders', json => order()), 403,
        'forbidden', undef, 'not who only reads');

$page = $worker->get('staff/orders/new');
page($page, 200, ['代点单', '单位或学校名称'], 'there is a page for it');
$r = $site->send_form($worker, $page, {
    %{order()}, wanted => [$soon], phone => '1' }, qr{staff/orders$});
page($r, 422, ['请填写正确的手机号码'], 'that says what is wrong');
$r = $site->send_form($worker, $r, { %{order()}, wanted => [$soon] },
                      qr{staff/orders$});
is $r->{status}, 303, 'and leads to the order';


# ---- the page of an order

$id = ordered();
$page = $worker->get("staff/orders/$id");
page($page, 200, ['派单', '上报', '不予受理', '办理经过'],
     'the page has a form for each step');
is scalar(grep { $_->{action} =~ m{/$id/} } $page->forms), 3, 'and no other';
$r = $site->send_form($worker, $page, { reason => '' }, qr/reject$/);
page($r, 422, ['这一项必须填写', 'id="reject-error"'],
     'what is missing is said at its field');
unlike $r->text, qr/id="dispatch-error"/, 'and at no other';
$r = $site->send_form($worker, $page, { team => 'wenyilu-squad' },
                      qr/dispatch$/);
is $r->{status}, 303, 'the button takes the step';
$r = $site->send_form($worker, $page, { reason => '无' }, qr/reject$/);
page($r, 409, ['当前状态不能这样操作', '改派'],
     'an old page says how it stands');

page($lead->get("staff/orders/$id"), 200, ['接单', '退单'],
     'the lead has a page too');
page($lead->get('staff/orders'), 200, ['已派单'], 'and a list');
is $lead->get('staff/')->{status}, 403, 'but not of events';
$r = $site->send_form($lead, $lead->get("staff/orders/$id"),
                      { reason => '没有人' }, qr/decline$/);
is $r->header('location') =~ s{.*/wenming/}{}r, 'staff/orders',
   'who gives it back is led to the list';


# ---- wenming expire

my @gone = map { ordered() } 1 .. 3;

act($worker, $gone[1], 'dispatch', team => 'lecturers');
past($_) for @gone[0, 1];

my $demand = $redis->call('HGET', $site->key('demand'), 'law-01');

problem(act($worker, $gone[2], 'expire'), 409, 'not_past', undef,
        'what can still be is not closed');
like $site->must('expire'), qr/^2 expired, \d+ still open$/,
   'the tool closes what cannot be any more';
is join(' ', map { seen($worker, $_)->{status} } @gone),
   'expired expired submitted', 'and nothing else';
is $redis->call('HGET', $site->key('demand'), 'law-01'), $demand - 2,
   'they are not counted any more';
like $site->must('expire'), qr/^0 expired/, 'once';
like mine($gone[0])->{log}[-1]{text}, qr/期望的日期已过/,
   'who asked is told';


# ---- records from before there was any of this

$id = ordered();
$redis->call('HDEL', $site->key("order:$id"),
             qw(log handler handler_path due));
$redis->call('ZREM', $site->key("due:$_"), $id)
    for qw(wenyilu-1 wenyilu furong);
$o = seen($worker, $id);
is "$o->{handler} $o->{deadline}", 'wenyilu-1 ', 'its own unit handles it';
is_deeply $o->{log}, [], 'nothing is known of it';
is act($worker, $id, 'dispatch', team => 'lecturers')->{status}, 200,
   'and it goes on';
is join(' ', map { $_->{action} } @{seen($worker, $id)->{log}}),
   'submit dispatch', 'from when it was made';


# ---- teams

my ($squad) = grep { $_->{id} eq 'wenyilu-squad' }
              @{$lead->get('api/staff/teams')->json->{items}};

is "$squad->{kind} $squad->{unit_name}",
   'squad 文艺路街道示例社区一新时代文明实践站', 'teams are known';

my $file = Wenming::Site::write_file("$site->{dir}/password", "secret-1\n",
                                     0600);

for my $case (['a lead or a lecturer needs --team', '--role', 'lead'],
              ['there is no team nobody', qw(--role lead --team nobody)],
              ['only for a lead', qw(--role worker --team corps)])
{
    my ($want, @options) = @$case;
    my ($rc, $said) = $site->tool(qw(staff add new --unit furong), @options,
                                  '--password-file', $file);

    ok $rc != 0 && $said =~ /\Q$want\E/, "the tool: $want" or diag $said;
}

my ($rc, $said) = $site->tool('audit');
is $rc, 0, 'the journal is whole' or diag $said;

end();
