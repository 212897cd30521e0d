use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Orders as a board, and the steps that begin there.

my $site = site();
my $redis = $site->redis;
my $worker = $site->staff(unit => 'wenyilu', name => 'north');
my $south = $site->staff(unit => 'chaoyangjie', name => 'south');
my $auditor = $site->staff(unit => 'wenyilu', role => 'auditor',
                           name => 'auditor');
my $lead = $site->staff(unit => 'furong', role => 'lead', team => 'lecturers',
                        name => 'lead');
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;


sub ordered {
    my (%change) = @_;

    my $r = $site->browser->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu-1', head_count => 10,
        wanted => [$day], contact_name => '示例居民' . ++$people,
        phone => $site->phone($people), %change });

    die "not ordered: $r->{status} $r->{body}" if $r->{status} != 201;

    return $r->json->{id};
}


# "status: id id", a line for each column that has any.

sub board {
    my ($who, %query) = @_;

    my $r = ($who || $worker)->get('api/staff/board', query => \%query);

    die "no board: $r->{status} $r->{body}" if $r->{status} != 200;

    return join '; ', map { join ' ', "$_->{status}:",
                                 map { $_->{id} } @{$_->{items}} }
                      grep { $_->{count} } @{$r->json->{columns}};
}


sub act {
    my ($who, $id, $action, %body) = @_;

    my $r = $who->post("api/staff/orders/$id/$action", json => \%body);

    die "not $action: $r->{status} $r->{body}" if $r->{status} != 200;
}


is_deeply [map { "$_->{status} $_->{count}" }
           @{$worker->get('api/staff/board')->json->{columns}}],
          ['submitted 0', 'dispatched 0', 'accepted 0', 'scheduled 0'],
          'four columns, with nothing in them';

my @o = map { ordered() } 1 .. 4;
my $far = ordered(unit => 'chaoyangjie-1');

is board(), "submitted: @o", 'orders wait to be dispatched';
is board($south), "submitted: $far", 'of the own unit';

$redis->call('HSET', $site->key("order:$o[3]"), 'due', 1000);
$redis->call('ZADD', $site->key("due:$_"), 1000, $o[3])
    for qw(wenyilu-1 wenyilu furong);
is board(), "submitted: $o[3] @o[0 .. 2]", 'what is due first, comes first';

act($worker, $o[0], 'dispatch', team => 'lecturers');
act($worker, $o[1], 'dispatch', team => 'lecturers');
act($lead, $o[1], 'accept');
$site->event(course => 'law-01', orders => [$o[2]],
             start => Wenming::Site::iso(time + 86400),
             end => Wenming::Site::iso(time + 90000));

is board(), "submitted: $o[3]; dispatched: $o[0]; accepted: $o[1]; "
            . "scheduled: $o[2]", 'each in the column of its state';
is board(undef, status => 'accepted'), "accepted: $o[1]", 'one column alone';
is board($lead), "dispatched: $o[0]; accepted: $o[1]", "a team's own";
is board($auditor), board(), 'who reads sees what the worker does';

my ($card) = @{$worker->get('api/staff/board?status=dispatched')
                      ->json->{columns}[0]{items}};

is_deeply [sort @{$card->{possible}}], [qw(accept decline reassign)],
          'a card says what can be done';
ok !exists $card->{phone} && !exists $card->{contact_name},
   'but not whom it is for';

my $page = $worker->get('staff/orders/board');

page($page, 200, ['待派单', '待接单', '待排课', '已排课', '派单', '接单', '改派',
                  '退单', '排课', '已超期', '选中的合成一场活动', '列表'],
     'the page');
unlike $page->text, qr/示例居民|139\d{8}/, 'nobody is named on it';
unlike $auditor->get('staff/orders/board')->text,
       qr/接单<|派单<|选中的/, 'who only reads has no buttons';
like $worker->get('staff/orders/board?status=accepted')->text,
     qr/class="column here" data-status="accepted"/, 'on a phone, one column';


# ---- steps from a card

my $r = $site->send_form($worker, $page, {}, qr{$o[0]/accept$});

is $r->{status}, 303, 'a button on the card';
like $r->header('location'), qr{/staff/orders/board$}, 'leads back there';
like board(), qr/accepted: \S+ \S+;/, 'the card has moved';

$page = $worker->get("staff/orders/$o[3]?do=dispatch");
like $page->text, qr{<details open>\s*<summary>派单</summary>},
     'what asks for more opens the form on the page';
is scalar(() = $page->text =~ /<details open/g), 1, 'that one alone';

$r = $worker->post("staff/orders/$o[3]/dispatch",
                   form => { team => 'lecturers', back => 'board' });
like $r->header('location'), qr{/staff/orders/board$}, 'back to the board';

$r = $worker->post("staff/orders/$o[3]/decline",
                   form => { reason => '没有人', back => 'https://evil' });
is $r->{status}, 422, 'but not to anywhere';
$r = $worker->post("staff/orders/$o[3]/decline",
                   form => { reason => '', back => 'board' });
page($r, 422, ['这一项必须填写'], 'a reason is asked for where it is lacking');


# ---- several become one event

for my $from ('board', 'demand') {
    $r = $worker->get("staff/events/new?join=$from");
    is $r->{status}, 303, "none chosen on the $from";
    $page = $worker->get($r->header('location') =~ s{.*?/wenming/}{}r);
    page($page, 200, ['还没有选中点单'], 'is said there');
}

$r = $worker->get("staff/events/new?join=board&orders=$o[0]&orders=$o[1]");
page($r, 200, ['本场活动的点单', '20'], 'two are chosen: a form for both');
is $worker->get('staff/events/new')->{status}, 200,
   'an event of no order is no mistake';


# ---- many

is $redis->call('ZCARD', $site->key('due:chaoyangjie')), 1, 'one so far';
ordered(unit => 'chaoyangjie-1') for 1 .. 41;

my ($column) = @{$south->get('api/staff/board')->json->{columns}};

is "$column->{count} " . @{$column->{items}}, '42 40', 'forty are shown';
ok $column->{more}, 'and that there are more is said';

# what is planned is found among the newest; behind them there may be more

sub more {
    return join ' ', map { $_->{status} } grep { $_->{more} }
           @{$worker->get('api/staff/board')->json->{columns}};
}


is more(), '', 'so far, all is there';
$redis->call('ZADD', $site->key('orders:wenyilu'),
             map { (int(time + 60) * 1000 + $_, sprintf 'Z%015d', $_) }
             1 .. 500);
is more(), 'scheduled', 'of what is planned, there may be more';
like $worker->get('staff/orders/board')->text,
     qr{href="[^"]*/staff/orders\?status=scheduled">}, 'which a list has';
unlike $worker->get('staff/orders/board')->text,
       qr{href="[^"]*/staff/orders\?status=accepted">}, 'only of that';

problem($site->browser->get('api/staff/board'), 401, 'sign_in', undef,
        'nobody without a session');
problem($worker->get("api/staff/board?status=$_"), 422, 'invalid',
        ['status'], "a status that has no column: $_")
    for 'a/b', 'nothing', 'completed';
is $worker->get('staff/orders/board?status=completed')->{status}, 200,
   'a page shows its first column then';

end();
