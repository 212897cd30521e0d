#!/usr/bin/perl
# The whole path under valgrind: nothing lost, nothing read that is gone,
# also when clients leave, Redis dies, and the worker ends.

use Wenming::Test;

use IO::Socket::INET;
use Time::HiRes qw(sleep);

use Wenming::App qw(app);

my $logs = File::Temp::tempdir('/tmp/wmv.XXXXXX', CLEANUP => 1);
chmod 0777, $logs;

my $nginx = $Wenming::Site::NGINX;
Wenming::Site::write_file("$logs/nginx", <<"END", 0755);
#!/bin/sh
exec valgrind --leak-check=full --show-leak-kinds=definite \\
    --errors-for-leak-kinds=definite --num-callers=20 \\
    --log-file=$logs/%p.log $nginx "\$@"
END

$Wenming::Site::NGINX = "$logs/nginx";

my $deaf = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
                                 Listen => 64) or die "listen: $!";
my $site = site(workers => 1, http => ['wenming_redis_timeout 20s;',
                    'log_format sms "$http_x_phone $http_x_code";',
                    'map $wenming_sms_phone $gateway {',
                    '    default 127.0.0.1:{{port}};',
                    '    ~6$ 127.0.0.1:' . $deaf->sockport . ';', '}'],
                server => [
                    'location = /sms {', '    internal;',
                    '    proxy_pass http://$gateway/gateway;',
                    '    proxy_set_header X-Phone $wenming_sms_phone;',
                    '    proxy_set_header X-Code $wenming_sms_code;', '}',
                    'location = /gateway {',
                    '    if ($http_x_phone ~ 5$) { return 500; }',
                    '    access_log {{dir}}/sms.log sms;',
                    '    return 204;', '}' ],
                location => ['wenming_sms /sms;'],
                expect => [qr/Redis .* is away/]);
my $web = $site->browser;

# valgrind is slow: the answers are what other tests look at, here it is
# enough that each path was taken

my $worker = $site->worker;
my $event = $site->event;

is $site->check_in($web, $event, '张示例', $site->phone(1))->{status}, 201,
   'a check-in';
is $web->get($_)->{status}, 200, $_ for 'menu', 'api/menu', 'timetable',
    'course/law-01', 'fragment/menu', 'orders', "event/$event", 'c',
    'api/metrics';
is $worker->get($_)->{status}, 200, $_ for 'staff/', 'staff/orders',
    "staff/events/$event", "staff/events/$event/roster",
    "api/staff/events/$event/roster.csv", "api/staff/events/$event/qr.svg",
    "api/staff/events/$event/qr.png";

my $careful = $site->staff(name => 'careful');
my $offer = $careful->get('api/staff/security')->json;
my %who = (name => 'careful', password => $site->{staff}{careful});
my $codes;

is $careful->get('staff/security')->{status}, 200, 'how to turn it on';
$codes = $careful->post('api/staff/security', json => {
    setup => $offer->{setup}, code => app($offer->{secret}) })
    ->json->{recovery};
is $web->fresh->post('api/staff/session', json => { %who, code => $_->[0] })
       ->{status}, $_->[1], "signing in: $_->[1]"
    for ['12345', 401], [$codes->[0], 200];

my $person = $web->fresh;
my $step = $site->send_form($person, $person->get('staff/login'), \%who);

is $site->send_form($person, $step, { code => $_->[0] })->{status}, $_->[1],
   "at the second page: $_->[1]" for ['12345', 401], [$codes->[1], 303];
is $person->post('api/staff/security/off', json => {
       password => $who{password}, code => $codes->[2] })->{status}, 200,
   'and off';

my $places = $site->event(start => Wenming::Site::iso(time + 5 * 3600),
                          end => Wenming::Site::iso(time + 6 * 3600),
                          capacity => 1);
my @devices = map { $site->browser } 1 .. 3;

is $devices[$_]->post("api/events/$places/enrol", json => {
       name => "居民$_", phone => $site->phone(10 + $_) })->{status}, 201,
   "enrolled $_" for 0 .. 2;
is $devices[0]->post("api/events/$places/enrol/cancel", json => {})
              ->{status}, 200, 'and left';
is $devices[1]->post("api/events/$places/enrol/$_", json => {})->{status},
   200, $_ for 'accept', 'cancel';
is $devices[2]->post("api/events/$places/enrol/decline", json => {})
              ->{status}, 200, 'declined';
is $devices[2]->get($_)->{status}, 200, $_
    for "enrol/$places", 'enrolments', 'api/me/enrolments';
is $worker->patch("api/staff/events/$places", json => { capacity => 5 })
          ->{status}, 200, 'more room';
is $worker->get($_)->{status}, 200, $_
    for "staff/events/$places/enrolments",
        "api/staff/events/$places/enrolments.csv";
is $worker->post("api/staff/events/$places/enrolments",
                 json => { name => '代报' })->{status}, 201, 'by hand';

is $site->check_in($web, $event, '张示例', $site->phone(1),
                   kind => 'screen-out')->{status}, 201, 'leaving';
is $web->get("rate/$event")->{status}, 200, 'the page to rate';
is $web->post("api/events/$event/ratings", json => {
       score => 5, text => '讲得好' })->{status}, $_, "rated: $_" for 201, 200;

my $text = $worker->get('api/staff/ratings')->json->{items}[0]{id};

is $worker->get('staff/ratings')->{status}, 200, 'its text waits';
is $worker->post("api/staff/ratings/$text/show")->{status}, 200, 'is shown';
is $web->get($_)->{status}, 200, $_ for "api/events/$event/ratings",
    "event/$event?again", 'api/me';
is $worker->post("api/staff/ratings/$text/hide")->{status}, 200,
   'and hidden';

# wishes, to each of their ends

for my $end (['answer', answer => '可以', course => 'law-01'],
             ['order', course => 'law-01', wanted => ['2100-01-01'],
              head_count => 3], ['refuse', reason => '有电话'])
{
    my ($action, %body) = @$end;
    my $wish = $web->post('api/wishes', json => {
        wish => '想学手机', text => '眼睛不好', category => 'study',
        unit => 'wenyilu-1' })->json->{id};

    is $worker->post("api/staff/wishes/$wish/publish", json => {
           wish => '学手机', text => '<b>' })->{status}, 200, 'published';
    is $web->get($_)->{status}, 200, $_
        for "wish/$wish", "wishes?$wish", "fragment/wishes?$wish",
            'wishes/new', 'my/wishes';
    is $worker->get($_)->{status}, 200, $_
        for 'staff/wishes', "staff/wishes/$wish";
    is $worker->post("api/staff/wishes/$wish/$action", json => {})->{status},
       422, "nothing to $action";
    is $worker->post("api/staff/wishes/$wish/$action", json => \%body)
              ->{status}, 200, $action;
    is $web->post("api/wishes/$wish/withdraw")->{status}, 409, 'over';
}

is $web->get('c/nonsense')->{status}, 403, 'a bad code';
is $web->post('api/orders', json => { nonsense => 1 })->{status}, 422,
   'a bad order';
is $web->post('api/staff/session',
              json => { name => 'worker', password => 'wrong' })->{status},
   401, 'a wrong password';

# the steps of an order, and its pages

my $order = $worker->post('api/staff/orders', json => {
    course => 'law-01', unit => 'furong', wanted => ['2100-01-01'],
    head_count => 3, contact_name => '张示例', phone => $site->phone(2),
    group => '示例小学' })->json->{id};

is $worker->post("api/staff/orders/$order/$_->[0]", json => $_->[1])
   ->{status}, $_->[2], "$_->[0] of an order"
    for [dispatch => { team => 'nobody' }, 422],
        [dispatch => { team => 'corps' }, 200], [dispatch => {}, 409],
        [decline => { reason => '无' }, 200], [escalate => {}, 409];
is $worker->get($_)->{status}, 200, $_ for "staff/orders/$order",
    'staff/orders/new', 'staff/orders?overdue=1', 'api/staff/teams',
    'api/staff/orders?limit=1&from=2020-01-01&team=corps';
is $site->send_form($worker, $worker->get("staff/orders/$order"),
                    { reason => '' }, qr/reject$/)->{status}, 422,
   'a form that comes back';

# codes: sent, refused, never answered, and by clients that leave

sub asked {
    my ($n) = @_;

    return ('api/me/code', json => { name => '赵示例',
                                     phone => $site->phone($n) });
}

my $own = $site->browser;

is $own->post(asked(100))->{status}, 200, 'a code is sent';

my ($digits) = Wenming::Site::read_file("$site->{dir}/sms.log")
               =~ / (\d{6})$/m;

is $own->post('api/me/verify', json => {
       name => '赵示例', phone => $site->phone(100), code => $_->[0]
   })->{status}, $_->[1], "typed: $_->[1]"
    for [sprintf('%06d', ($digits + 1) % 1_000_000), 403], ["$digits", 200];
is $own->post('api/c', json => { who => 'me',
       ticket => $site->ticket($own, $event) })->{status}, 201, 'is there';
is $own->get($_)->{status}, 200, $_ for 'me', 'verify', 'me/data', 'me/forget';
is $site->browser->post(asked($_))->{status}, 503, 'a gateway that does not'
    for 105, 106;

for my $i (1 .. 5) {
    my $s = $web->open;
    print $s $web->bytes_of('POST', asked(106 + 10 * $i));
    sleep 0.1 * $i;
    close $s;
}

is $own->delete('api/me')->{status}, 200, 'and leaves for good';

# clients leave while Redis sleeps; then a late reply finds nobody

my $redis = $site->redis;
$redis->send('DEBUG', 'SLEEP', '1');
sleep 0.1;
for my $i (1 .. 20) {
    my $s = $web->open;
    print $s $web->bytes_of('GET', "course/law-0" . (1 + $i % 2));
    sleep 0.01;
    close $s;
}
$redis->read;
sleep 0.5;
is $web->get('course/law-01')->{status}, 200,
   'clients left, the worker goes on';

# Redis dies with requests in flight, and comes back

$redis->send('DEBUG', 'SLEEP', '3');
sleep 0.1;
my @waiting = map {
    my $s = $web->open;
    print $s $web->bytes_of('GET', 'course/law-01');
    $s;
} 1 .. 5;
sleep 0.3;
$site->stop_redis('KILL');
like scalar <$_>, qr/ 503 /, 'Redis died: 503' for @waiting;
$site->start_redis;
ok $site->until(10, sub { $web->get('course/law-01')->{status} == 200 }),
   'Redis is back';

$site->stop_nginx('QUIT');
sleep 1;

my @logs = glob "$logs/*.log";
cmp_ok scalar @logs, '>=', 2, 'master and worker have logs';

# blocks of valgrind's log that have a frame of ours; nginx and its libraries
# may keep what they like

for my $log (@logs) {
    my $text = Wenming::Site::read_file($log);
    my @blocks = grep { /\b(?:ngx_wenming|wm_|redis)\w*/ }
                 split /\n==\d+== *\n/, $text;
    @blocks = grep { /Invalid|uninitialised|definitely lost|overlap/ }
              @blocks;
    is scalar @blocks, 0, 'no fault in ' . ($log =~ m{([^/]+)$})[0]
        or diag(join "\n\n", @blocks);
}

unlike join('', map { Wenming::Site::read_file($_) } @logs),
       qr/Invalid (?:read|write|free)/, 'nor anywhere an invalid access';

end();
