use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# A hall behind one address gets in, all of it; a flood from one address does
# not, and shuts nobody out who was here before.

my $site = site(server => ['set_real_ip_from 127.0.0.1;',
                           'real_ip_header X-From;']);
my $MANY = 600;
my ($hall, $flood, $village) = qw(192.0.2.1 198.51.100.7 203.0.113.9);

sleep 45 if time % 3600 > 3555;         # counted by the hour

my $event = $site->event;
my $later = $site->event(start => Wenming::Site::iso(time + 5 * 3600),
                         end => Wenming::Site::iso(time + 6 * 3600),
                         capacity => 100_000);
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;


sub from {
    my ($address, %o) = @_;

    return (%o, headers => { 'X-From' => $address, %{$o{headers} || {}} });
}


sub someone {
    my ($name) = @_;

    $people++;

    return ($name => "示例$people", phone => $site->phone($people));
}


sub order {
    return { course => 'law-01', unit => 'wenyilu', wanted => [$day],
             head_count => 1, someone('contact_name') };
}


sub statuses {
    my %n;

    $n{$_->{status}}++ for @_;

    return \%n;
}


# All of them, fifty at a time.

sub all_of {
    my (@requests) = @_;

    my @answers;

    push @answers, at_once(splice @requests, 0, 50) while @requests;

    return @answers;
}


# ---- a hall

my $path = $site->code($event)->{path};
my @devices = map { $site->browser } 1 .. $MANY;
my @pages = all_of(map { [$_, 'GET', $path, from($hall)] } @devices);

is_deeply statuses(@pages), { 200 => $MANY },
          "$MANY devices open what the screen shows, from one address";

my @names = map { { someone('name') } } @devices;
my @in = all_of(map {
    my ($form) = $pages[$_]->forms;
    [$devices[$_], 'POST', 'c', from($hall, form => {
        %{$form->{hidden}}, %{$names[$_]} })] } 0 .. $#devices);

is_deeply statuses(@in), { 201 => $MANY }, 'each of them is checked in';
is $site->redis->call('HLEN', $site->key("att:$event")), $MANY,
   'and stands in the roster';

my @in_time = all_of(map {
    [$_, 'POST', "api/events/$later/enrol", from($hall, json => {
        someone('name') })] } @devices[0 .. $MANY / 2 - 1],
        map { $site->browser } 1 .. $MANY / 2);

is_deeply statuses(@in_time), { 201 => $MANY },
          'as many enrol, half of them without ever having been here';
is_deeply statuses(all_of(map { [$_, 'POST', 'api/orders',
                                 from($hall, json => order())] }
                          @devices[0 .. 99])), { 201 => 100 },
          'and a hundred of them order';


# ---- a flood of what has no cookie, and of what has one that is worth nothing

my $known = $site->browser;

is $known->post('api/orders', from($flood, json => order()))->{status}, 201,
   'somebody ordered, before all this';

my @said = Wenming::Http::in_a_row(map { [$site->browser, 'POST', 'api/orders',
                       from($flood, json => order())] } 1 .. 1400);

is scalar grep({ $_ == 201 } @said), 1199, 'a flood without cookies';
is scalar grep({ $_ == 429 } @said), 201, 'is stopped';

my $r = $site->browser->post('api/orders', from($flood, json => order()));

problem($r, 429, 'many_here', undef, 'and told so');
like $r->header('retry-after'), qr/^\d+$/, 'with a time';
cmp_ok $r->header('retry-after'), '<=', 3600, 'within the hour';
like $r->json->{detail}, qr/手机流量/, 'and what else one can do';

my @cookies = map { $site->browser } 1 .. 300;

all_of(map { [$_, 'GET', 'course/law-01', from($flood)] } @cookies);
is scalar grep({ %{$_->{cookies}} } @cookies), 300, 'new cookies can be had';
is_deeply statuses(all_of(map { [$_, 'POST', 'api/orders',
                                 from($flood, json => order())] } @cookies)),
          { 429 => 300 }, 'and are worth nothing';

my $page = $cookies[0]->get('course/law-01', from($flood));
my ($form) = $page->forms;
my %order = %{order()};
delete @order{qw(course wanted)};
$r = $cookies[0]->post('course/law-01', from($flood, form => {
    %{$form->{hidden}}, %order, wanted => $day }));
page($r, 429, ['手机流量'], 'on the page, too');
like $r->header('retry-after'), qr/^\d+$/, 'with a time';

is $known->post('api/orders', from($flood, json => order()))->{status}, 201,
   'who was here before goes on';
is $site->browser->post('api/orders', from($village, json => order()))
        ->{status}, 201, 'and who comes from elsewhere';
is $site->browser->post("api/events/$later/enrol", from($flood, json => {
       someone('name') }))->{status}, 201, 'enrolling is counted by itself';

my $worker = $site->worker;

is $worker->post('api/staff/orders', from($flood, json => order()))
          ->{status}, 201, 'a worker there goes on, too';

# what a known device may do for nothing is not much

@said = Wenming::Http::in_a_row(map { [$known, 'POST', 'api/orders',
                    from($flood, json => order())] } 1 .. 40);
is scalar grep({ $_ == 201 } @said), 19, 'twenty in all';
is $said[-1], 429, 'then the address pays, which has nothing left';


# ---- the other budgets of an address

@said = Wenming::Http::in_a_row(map { [$site->browser, 'POST', 'api/wishes', from($flood, json => {
    wish => '想学手机', category => 'study', unit => 'wenyilu', who => 'new',
    someone('name') })] } 1 .. 610);
is_deeply [@said[599, 600]], [201, 429], 'wishes';

my $seal = $site->seal;

@said = Wenming::Http::in_a_row(map { [$site->browser, 'GET',
                    'api/c/' . $seal->token(event => $event), from($flood)] }
             1 .. 6010);
is_deeply [@said[5999, 6000]], [200, 429], 'tickets for new devices';

$r = $site->browser->get("c/" . $seal->token(event => $event), from($flood));
page($r, 429, ['新访客', '手机流量'], 'which a page says');
like $r->header('retry-after'), qr/^\d+$/, 'with a time';

is $known->get('api/c/' . $seal->token(event => $event), from($flood))
         ->{status}, 200, 'who is known gets in there';

# what enrols when it cannot is counted as well

@said = Wenming::Http::in_a_row(map { [$site->browser, 'POST', "api/events/$event/enrol",
                    from($flood, json => { someone('name') })] } 1 .. 6010);
is_deeply [@said[5998, 5999]], [409, 429], 'enrolments';


# ---- one device that checks in whom it likes

my $ticket = $site->ticket($known, $event);
my %who = someone('name');

@said = Wenming::Http::in_a_row(map { [$known, 'POST', 'api/c', from($village, json => {
    ticket => $ticket, %who, who => 'family' })] } 1 .. 2010);
is_deeply statuses(map { { status => $_ } } @said),
          { 201 => 1, 200 => 1999, 429 => 10 }, 'two thousand in an hour';
problem($known->post('api/c', from($village, json => {
            ticket => $ticket, %who })), 429, 'many_check_ins', undef,
        'then it is asked to go to a worker');


# ---- who is never counted by address

my $proxied = site(location => ['wenming_unlimited 127.0.0.0/8;']);

$site = $proxied;
@said = Wenming::Http::in_a_row(map { [$site->browser, 'POST', 'api/orders',
                    json => order()] } 1 .. 1210);
is_deeply statuses(map { { status => $_ } } @said), { 201 => 1210 },
          'a proxy that hides where all come from';

end();
