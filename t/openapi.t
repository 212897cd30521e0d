use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# docs/api/openapi.json, both ways: every answer of a real site is described,
# everything described is answered, and the tables in C say the same.

use Wenming::App qw(app);
use Wenming::Description;
use Wenming::Race;
use Wenming::Source;

my $api = Wenming::Description->new;
my $source = Wenming::Source->new;
my $schema = $api->schema;
my @operations = $api->operations;
my %route = map { ("$_->{method} $_->{path}" => $_) } $source->routes;


# ---- the tables: addresses, who may, what can be sent

sub plain {
    my ($name) = @_;

    return $name =~ s/\{\w+\}/{id}/gr;
}


is_deeply [sort map { plain($_) } @operations], [sort keys %route],
          'the addresses of the description are those of the handlers';

my %lacking;                            # capabilities that some role lacks

for my $role ($source->table('wm_roles')) {
    next if !length $role->[0];
    $lacking{$_}++ for grep { $role->[2] !~ /\b$_\b/ }
                       qw(WM_CAP_READ WM_CAP_SCHEDULE WM_CAP_ATTEND
                          WM_CAP_ORDERS WM_CAP_DISPATCH WM_CAP_ACCEPT
                          WM_CAP_REVIEW WM_CAP_COURSES WM_CAP_MANAGE);
}

# what is read and then not looked at, and what only together makes sense

my %unsaid = ('GET /api/c/{token}' => [qw(event code)]);
my %needed = ('POST /api/c' => ['ticket']);


# How a field of a table would be described.

sub described {
    my ($field, $schema) = @_;

    my ($type, $max) = @$field{qw(type max)};
    my %least = $field->{required} ? (minLength => 1) : ();

    return $schema->{enum} && !grep({ length > $max } @{$schema->{enum}})
           ? { enum => $schema->{enum} }
           : { type => 'string', maxLength => $max, pattern =>
               $field->{required} ? '^[A-Za-z0-9_-]+$' : '^[A-Za-z0-9_-]*$' }
        if $type eq 'TOKEN';

    return { type => 'string', maxLength => $max, %least }
        if $type eq 'TEXT' || $type eq 'LINES';
    return { type => 'string', maxLength => $max, %least,
             format => 'password' } if $type eq 'SECRET';
    return { type => 'integer', minimum => $field->{min}, maximum => $max }
        if $type eq 'NUMBER';
    return { '$ref' => '#/components/schemas/PhoneInput' }
        if $type eq 'PHONE';
    return { '$ref' => '#/components/schemas/InstantInput' }
        if $type eq 'TIME';
    return { type => 'string', format => 'date' } if $type eq 'DAY';

    return {
        type => 'array', maxItems => $max,
        $field->{required} ? (minItems => 1) : (),
        items => $type eq 'DAYS' ? { type => 'string', format => 'date' }
                 : { type => 'string', maxLength => 64,
                     pattern => '^[A-Za-z0-9_-]+$' } };
}


sub bare {
    my ($node) = @_;

    return { map { ($_ => $node->{$_}) }
             grep { $_ ne 'description' && $_ ne 'default' } keys %$node };
}


for my $name (@operations) {
    my $route = $route{plain($name)} or next;
    my $operation = $api->operation($name);
    my %field = map { ($_->{name} => $_) } @{$route->{fields}};
    my (%said, @required);

    delete @field{@{$unsaid{$name} || []}};

    if ($route->{method} eq 'GET') {
        %said = map { ($_->{name} => $_->{schema}) }
                $api->parameters($name, 'query');
    } elsif (my $body = $api->body($name)) {
        %said = %{$body->{properties} || {}};
        @required = @{$body->{required} || []};
        is $body->{additionalProperties}, JSON::PP::false(),
           "$name: no other fields";
    }

    is_deeply { map { ($_ => bare($said{$_})) } keys %said },
              { map { ($_ => described($field{$_}, $said{$_} || {})) }
                keys %field }, "$name: the fields of the table";
    is_deeply [sort @required],
              [sort @{$needed{$name} || []},
                    grep { $field{$_}{required} } keys %field],
              "$name: and those that must be there";

    my $staff = grep { $_->{staff} } @{$operation->{security} || []};
    my @codes = map { $api->codes($name, $_) }
                grep { $_ >= 400 } keys %{$operation->{responses}};

    is !!$staff, !!$route->{staff}, "$name: for whom";
    is !!grep({ $_ eq 'forbidden' } @codes),
       !!($lacking{$route->{cap}} || $name =~ m{ /api/(?:health|metrics)$}
          || $name =~ m{^POST /api/staff/(?:orders|wishes)/}),
       "$name: whether a role may not";
}


# ---- the tables: words that answers have

my %words = (
    ProblemCode => [map { $_->[0] } grep { $_->[1] >= 400 }
                    $source->table('wm_verdicts')],
    FieldErrorCode => [grep { $_ ne 'ok' } map { $_->[0] }
                       $source->table('wm_field_errors')],
    EventStatus => [map { $_->[0] } $source->table('wm_event_states')],
    EnrolmentStatus => [map { $_->[1] } $source->table('wm_enrol_states')],
    EnrolmentWindow => [map { $_->[0] } $source->table('wm_enrol_windows')],
    OrderStatus => [map { $_->[0] } $source->table('wm_order_states')],
    OrderAction => [map { $_->[0] } $source->table('wm_order_actions')],
    TeamKind => [map { $_->[0] } $source->table('wm_team_kinds')],
    CourseStatus => [map { $_->[0] } $source->table('wm_course_states')],
    CourseAction => [map { $_->[0] } $source->table('wm_course_actions')],
    WishStatus => [map { $_->[0] } $source->table('wm_wish_states')],
    WishAction => [map { $_->[0] } $source->table('wm_wish_actions')],
    WishCategory => [map { $_->[0] } $source->table('wm_wish_kinds')],
    NotificationKind => [map { $_->[0] } $source->table('wm_notices')],
    RatingStatus => [$source->table('wm_rating_states')],
    Role => [map { $_->[0] } $source->table('wm_roles')],
    UnitType => [map { $_->[0] } $source->table('wm_unit_types')],
    How => [map { $_->[1] } $source->table('wm_assurances')],
    CodeKind => [grep { /^screen-/ } map { $_->[1] }
                 $source->table('wm_kinds')],
    PosterKind => [grep { /^poster-/ } map { $_->[1] }
                   $source->table('wm_kinds')],
);

for my $name (sort keys %words) {
    is_deeply [sort @{$schema->look_up("#/components/schemas/$name")->{enum}}],
              [sort grep { length } @{$words{$name}}],
              "$name: the words of the table";
}

my %status = map { ($_->[0] => $_->[1]) } $source->table('wm_verdicts');
my @elsewhere = grep { / (\d+) (\w+)$/ && $status{$2} != $1 } $api->answers;

is "@elsewhere", '', 'every code stands at its status';


# ---- a site, and a good request for each operation

sub place {
    my ($name, @lines) = @_;

    return ("location ^~ /$name/ {", '    alias {{dir}}/web/;',
            '    wenming furong;', "    wenming_public_url "
            . "http://127.0.0.1:{{port}}/$name;", @lines, '}');
}


my $gateway = Wenming::Site::free_port();
my $site = Wenming::Site->prepare(workers => 1, http => [
    'log_format sms "$http_x_phone $http_x_code";',
    'server {', "    listen 127.0.0.1:$gateway;",
    '    access_log {{dir}}/sms.log sms;', '    return 204;', '}' ],
    location => ['wenming_sms /sms;'], server => [
    'set_real_ip_from 127.0.0.1;', 'real_ip_header X-From;',
    'location = /sms {', '    internal;',
    "    proxy_pass http://127.0.0.1:$gateway/;",
    '    proxy_set_header X-Phone $wenming_sms_phone;',
    '    proxy_set_header X-Code $wenming_sms_code;', '}',
    place('closed', 'wenming_health 192.0.2.0/24;'),
    place('login', 'set $nobody "";',
          'wenming_identity name=$nobody phone=$nobody;'),
    place('silent', 'wenming_sms /nowhere;'),
    place('raced', 'wenming_redis unix:{{dir}}/race.sock;',
          'wenming_sms /sms;') ]);

$site->start_redis;
$site->import_data($site->{import});

my $plan = "$site->{dir}/plan";
my $race = Wenming::Race->start(path => "$site->{dir}/race.sock",
                                redis => $site->{socket}, plan => $plan);

$site->start_nginx;

my $web = $site->browser;
my $worker = $site->worker;
my $auditor = $site->staff(role => 'auditor');
my $lead = $site->staff(role => 'lead', team => 'corps');
my $second = $site->staff(name => 'second');
my $admin = $site->staff(role => 'administrator');
my $redis = $site->redis;
my $seal = $site->seal;
my $event = $site->event;
my $draft = $site->event(draft => 1);
my $bare = $worker->post('api/staff/events', json => { title => '草稿' })
                  ->json->{id};
my $cancelled = $site->event;
my $soon = $site->event(start => Wenming::Site::iso(time + 3 * 3600),
                        end => Wenming::Site::iso(time + 4 * 3600));
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;

$site->staff(unit => 'wenyilu');        # signs in below
$worker->post("api/staff/events/$cancelled/cancel");


sub someone {
    my ($name) = @_;

    $people++;

    return ($name => "居民$people", phone => $site->phone($people));
}


sub order {
    return { course => 'law-01', unit => 'wenyilu', wanted => [$day],
             head_count => 30, note => '请带资料', someone('contact_name') };
}


# An event where two people came, or enrolled.

sub crowded {
    my ($what) = @_;

    my $event = $site->event(capacity => 5);
    my $to = $what eq 'roster' ? 'attendance' : 'enrolments';

    $worker->post("api/staff/events/$event/$to", json => { someone('name') }) for 1, 2;

    return $event;
}


sub ordered {
    return $web->post('api/orders', json => order())->json->{id};
}


# An order that is ready for a step, and a planned one that is over.

sub step {
    my ($action, %body) = @_;

    my $id = ordered();
    my $path = "api/staff/orders/$id";

    $worker->post("$path/dispatch", json => { team => 'corps' })
        if $action =~ /^(?:accept|decline|reassign)$/;
    $redis->call('HSET', $site->key("order:$id"), 'wanted', '2020-01-01')
        if $action eq 'expire';
    over($id) if $action eq 'complete';

    return ($worker, "$path/$action", %body ? (json => \%body) : ());
}


sub over {
    return $site->event(orders => [@_], start => Wenming::Site::iso(time - 7200),
                        end => Wenming::Site::iso(time - 3600));
}


sub check_in {
    my ($event, $kind) = @_;

    return { ticket => $site->ticket($web, $event, $kind), who => 'new',
             someone('name') };
}


# An event with a poster: its id, and the poster's address.

sub postered {
    my (%o) = @_;

    my $id = $site->event(%o);
    my $r = $worker->post("api/staff/events/$id/poster");

    return ($id, $r->json->{url} =~ m{/(c/[0-9A-Z]+)$});
}


# Somebody who was at the event and has left.

sub guest {
    my ($event) = @_;

    my $browser = $web->fresh;
    my %who = someone('name');

    $browser->post('api/c', json => {
        ticket => $site->ticket($browser, $event, $_), %who })
        for qw(screen-in screen-out);

    return $browser;
}


# The card of somebody who was at another event.

sub card {
    return guest($site->event)->get('api/me/card')->json->{code};
}


# Somebody on the roster; and one of whom a correction is asked for.

sub here {
    return $worker->post("api/staff/events/$event/attendance", json => {
        someone('name') })->json->{person};
}


sub to_correct {
    my $person = here();

    $worker->post("api/staff/events/$event/corrections", json => {
        person => $person, what => 'remove', reason => '登记错了人' });

    return $person;
}


# A text that waits: the id of its rating.

sub waiting {
    guest($event)->post("api/events/$event/ratings", json => {
        score => 4, text => '很好' });

    return $worker->get('api/staff/ratings')->json->{items}[-1]{id};
}


# A wish: device and id; and one that is ready for a step.

sub wish {
    return { wish => '想学用手机挂号', text => '眼睛不好', category => 'study',
             unit => 'wenyilu', who => 'new', someone('name') };
}


sub wished {
    my $device = $web->fresh;

    return ($device, $device->post('api/wishes', json => wish())->json->{id});
}


sub wished_open {
    my (undef, $id) = wished();

    $worker->post("api/staff/wishes/$id/publish", json => { wish => '学手机' });

    return;
}


sub wish_step {
    my ($action, %body) = @_;

    my (undef, $id) = wished();
    my $path = "api/staff/wishes/$id";

    $worker->post("$path/publish", json => { wish => '学手机' })
        if $action =~ /^(?:claim|release|fulfil)$/;
    $lead->post("$path/claim") if $action =~ /^(?:release|fulfil)$/;

    return ($action eq 'claim' ? $lead : $worker, "$path/$action",
            %body ? (json => \%body) : ());
}


# An account that is ready for it.

sub colleague {
    my ($what) = @_;

    my $name = 'colleague' . ++$people;

    $redis->call('HSET', $site->key("staff:$name"), role => 'worker',
                 unit => 'wenyilu', path => '/furong/wenyilu/', epoch => 1,
                 salt => 's' x 16, hash => 'h' x 32,
                 $what eq 'enable' ? (disabled => 1) : ());

    return $name;
}


# A course that is ready for a step.

my %course = (practice => 'theory', project => 'party', audience => '居民',
              summary => '从头讲起', duration_min => 60);

sub course {
    my ($action, %body) = @_;

    my $id = $second->post('api/staff/courses', json => {
        title => '新课' . ++$people, %course,
        $action =~ /submit|drop|change/ ? () : (submit => 1) })->json->{id};
    my $path = "api/staff/courses/$id";

    $worker->post("$path/publish") if $action eq 'withdraw';

    return ($worker, $action eq 'change' ? $path : "$path/$action",
            %body ? (json => \%body) : ());
}


my $at = 'api/staff/events';
my $places = $site->event(start => Wenming::Site::iso(time + 5 * 3600),
                          end => Wenming::Site::iso(time + 6 * 3600),
                          capacity => 100_000, group_max => 20);


# Somebody with a place, and, where there is only one, somebody who waits.

sub enrolled {
    my ($event) = @_;

    my $device = $web->fresh;
    my $r = $device->post("api/events/$event/enrol",
                          json => { someone('name') });

    return ($device, $r->json->{person});
}


# A seat that is offered: device, address of the event, person.

sub offered {
    my $one = $site->event(start => Wenming::Site::iso(time + 5 * 3600),
                           end => Wenming::Site::iso(time + 6 * 3600),
                           capacity => 1);
    my ($first) = enrolled($one);
    my ($next, $person) = enrolled($one);

    $first->post("api/events/$one/enrol/cancel");

    return ($next, "api/events/$one/enrol", $person);
}


sub to_cancel {
    my ($device, $person) = enrolled($places);

    return ($device, "api/events/$places/enrol", $person);
}


sub acting {
    my ($what, $make) = @_;

    return sub {
        my ($device, $path, $person) = $make->();

        return ($device, "$path/$what", json => { person => $person });
    };
}


# A worker with an app, who is about to turn his second factor on, or off.

my $careful = 0;

sub turning_on {
    my $name = 'careful' . ++$careful;
    my $browser = $site->staff(name => $name);
    my $offer = $browser->get('api/staff/security')->json;

    return ($browser, 'api/staff/security', json => {
        setup => $offer->{setup}, code => app($offer->{secret}) });
}


sub turning_off {
    my ($browser, $path, %o) = turning_on();
    my ($code) = @{$browser->post($path, %o)->json->{recovery}};

    return ($browser, "$path/off", json => {
        password => $site->{staff}{"careful$careful"}, code => $code });
}


# ---- somebody with a phone: his device, what he typed, and the code sent

sub sms {
    my $device = $web->fresh;
    my %who = someone('name');
    my $r = $device->post('api/me/code', json => \%who);
    my $code;

    die "no code: $r->{status} $r->{body}" if $r->{status} != 200;

    $site->until(5, sub {
        ($code) = Wenming::Site::read_file("$site->{dir}/sms.log")
                  =~ /^$who{phone} (\d{6})$/m }) or die 'no code came';

    return ($device, { %who, code => $code });
}


sub verified {
    my ($device, $who) = sms();

    my $r = $device->post('api/me/verify', json => $who);

    die "not verified: $r->{status} $r->{body}" if $r->{status} != 200;

    return $device;
}


# Verified, and was somewhere.

sub known_well {
    my $device = verified();
    my $r = $device->post('api/c', json => {
        ticket => $site->ticket($device, $event), who => 'me' });

    die "not there: $r->{status} $r->{body}" if $r->{status} != 201;
    $device->post('api/c', json => {
        ticket => $site->ticket($device, $event, 'screen-out'), who => 'me' });
    $device->post("api/events/$event/ratings", json => {
        score => 3, text => '还行' });
    $device->post("api/events/$places/enrol", json => { who => 'me' });

    return $device;
}


my %good = (
    'POST /api/me/code' => sub {
        $web->fresh, 'api/me/code', json => { someone('name') } },
    'POST /api/me/verify' => sub {
        my ($device, $who) = sms();
        ($device, 'api/me/verify', json => $who) },
    'POST /api/me/sign-out' => sub { verified(), 'api/me/sign-out' },
    'POST /api/me/sign-out-everywhere' => sub {
        verified(), 'api/me/sign-out-everywhere' },
    'GET /api/me/data' => sub { known_well(), 'api/me/data' },
    'DELETE /api/me' => sub { verified(), 'api/me' },
    'GET /api/home' => sub { wished_open(); ordered(); return ($web, 'api/home') },
    'GET /api/menu' => sub { $web, 'api/menu' },
    'GET /api/courses/{id}' => sub { $web, 'api/courses/law-01' },
    'GET /api/units' => sub { $web, 'api/units' },
    'GET /api/timetable' => sub { $web, 'api/timetable' },
    'GET /api/events/{id}' => sub { $web, "api/events/$event" },
    'GET /api/events/{id}/ratings' => sub {
        $web, "api/events/$event/ratings" },
    'POST /api/events/{id}/ratings' => sub {
        guest($event), "api/events/$event/ratings",
        json => { score => 5, text => '很好' } },
    'POST /api/orders' => sub { $web, 'api/orders', json => order() },
    'POST /api/orders/{id}/cancel' => sub {
        $web, 'api/orders/' . ordered() . '/cancel' },
    'GET /api/me' => sub { $web, 'api/me' },
    'GET /api/me/record' => sub { known_well(), 'api/me/record' },
    'GET /api/me/orders' => sub { $web, 'api/me/orders' },
    'GET /api/c/{token}' => sub {
        $web, 'api/c/' . $seal->token(event => $event) },
    'GET /api/c' => sub {
        $web, 'api/c', query => { event => $event,
                                  code => $seal->digits(event => $event) } },
    'POST /api/c' => sub { $web, 'api/c', json => check_in($event) },
    'GET /api/screen/{event}' => sub {
        $web, "api/screen/$event",
        query => { pass => $seal->pass(event => $event) } },
    'GET /api/screen/{event}/now' => sub {
        $web, "api/screen/$event/now",
        query => { pass => $seal->pass(event => $event) } },
    'POST /api/staff/session' => sub {
        $web->fresh, 'api/staff/session', json => {
            name => 'worker-wenyilu',
            password => $site->{staff}{'worker-wenyilu'} } },
    'DELETE /api/staff/session' => sub {
        $site->staff, 'api/staff/session' },
    'GET /api/staff/security' => sub { $worker, 'api/staff/security' },
    'POST /api/staff/security' => \&turning_on,
    'POST /api/staff/security/off' => \&turning_off,
    'GET /api/staff/orders' => sub { $worker, 'api/staff/orders' },
    'POST /api/staff/orders' => sub {
        $worker, 'api/staff/orders', json => order() },
    'GET /api/staff/orders/{id}' => sub {
        $worker, 'api/staff/orders/' . ordered() },
    'GET /api/staff/teams' => sub { $worker, 'api/staff/teams' },
    (map { my ($action, %body) = @$_;
           ("POST /api/staff/orders/{id}/$action" => sub {
               step($action, %body) }) }
         [dispatch => team => 'corps', note => '请带资料'], ['accept'],
         [decline => reason => '没有人'], [reassign => team => 'lecturers'],
         ['escalate'], [reject => reason => '已停开'], ['complete'],
         ['expire']),
    'POST /api/staff/events/{id}/complete' => sub {
        $worker, "$at/" . over(ordered()) . '/complete' },
    'GET /api/staff/today' => sub {
        ordered(); return ($worker, 'api/staff/today') },
    'GET /api/staff/board' => sub {
        ordered(); return ($worker, 'api/staff/board') },
    'GET /api/staff/demand' => sub {
        ordered(); return ($worker, 'api/staff/demand') },
    'GET /api/staff/figures' => sub { $worker, 'api/staff/figures' },
    'GET /api/staff/figures.csv' => sub {
        $worker, 'api/staff/figures.csv' },
    'GET /api/staff/events.csv' => sub { $worker, "$at.csv" },
    'GET /api/staff/orders.csv' => sub { $worker, 'api/staff/orders.csv' },
    'GET /api/me/card' => sub { guest($event), 'api/me/card' },
    'POST /api/staff/events/{id}/card' => sub {
        $worker, "$at/$event/card", json => { card => card() } },
    'GET /api/staff/events' => sub { $worker, $at },
    'POST /api/staff/events' => sub {
        $worker, $at, json => { title => '新活动', orders => [ordered()] } },
    'GET /api/staff/events/{id}' => sub { $worker, "$at/$event" },
    'PATCH /api/staff/events/{id}' => sub {
        $worker, "$at/$draft", json => { place => "第${\ ++$people}教室" } },
    'POST /api/staff/events/{id}/publish' => sub {
        $worker, "$at/" . $site->event(draft => 1) . '/publish' },
    'POST /api/staff/events/{id}/cancel' => sub {
        $worker, "$at/" . $site->event . '/cancel' },
    (map { my $what = $_;
           ("GET /api/staff/events/{id}/$what" => sub {
               $worker, "$at/$event/$what" }) }
         qw(code qr.svg qr.png roster roster.csv screens poster)),
    'POST /api/staff/events/{id}/screens/close' => sub {
        $worker, "$at/" . $site->event . '/screens/close' },
    'POST /api/staff/events/{id}/poster' => sub {
        $worker, "$at/" . $site->event . '/poster' },
    'POST /api/staff/events/{id}/poster/end' => sub {
        $worker, "$at/" . (postered())[0] . '/poster/end' },
    'POST /api/staff/events/{id}/attendance' => sub {
        $worker, "$at/$event/attendance", json => { someone('name') } },
    'POST /api/staff/events/{id}/attendance/out' => sub {
        $worker, "$at/$event/attendance/out", json => { person => here() } },
    'POST /api/staff/events/{id}/corrections' => sub {
        $worker, "$at/$event/corrections", json => {
            person => here(), what => 'remove', reason => '登记错了人' } },
    (map { my $what = $_;
           ("POST /api/staff/events/{id}/corrections/$what" => sub {
               $second, "$at/$event/corrections/$what",
               json => { person => to_correct() } }) } qw(confirm drop)),
    'GET /api/staff/events/{id}/presence' => sub {
        $worker, "$at/$event/presence" },
    'POST /api/events/{id}/enrol' => sub {
        $web->fresh, "api/events/$places/enrol", json => {
            someone('name'), seats => 2 } },
    'POST /api/events/{id}/enrol/cancel' => acting(cancel => \&to_cancel),
    'POST /api/events/{id}/enrol/accept' => acting(accept => \&offered),
    'POST /api/events/{id}/enrol/decline' => acting(decline => \&offered),
    'GET /api/me/enrolments' => sub {
        (enrolled($places))[0], 'api/me/enrolments' },
    'GET /api/staff/events/{id}/enrolments' => sub {
        $worker, "$at/$places/enrolments" },
    'GET /api/staff/events/{id}/enrolments.csv' => sub {
        $worker, "$at/$places/enrolments.csv" },
    'POST /api/staff/events/{id}/enrolments' => sub {
        $worker, "$at/$places/enrolments", json => { someone('name') } },
    'POST /api/staff/events/{id}/enrolments/cancel' => sub {
        $worker, "$at/$places/enrolments/cancel",
        json => { person => (enrolled($places))[1] } },
    'GET /api/staff/ratings' => sub { $worker, 'api/staff/ratings' },
    (map { my $what = $_;
           ("POST /api/staff/ratings/{id}/$what" => sub {
               $worker, 'api/staff/ratings/' . waiting() . "/$what" }) }
         qw(show hide)),
    'GET /api/staff/units' => sub { $worker, 'api/staff/units' },
    'GET /api/staff/units/{id}' => sub {
        $worker, 'api/staff/units/wenyilu' },
    'PATCH /api/staff/units/{id}' => sub {
        $admin, 'api/staff/units/wenyilu', json => {
            head => '所长' . ++$people } },
    'GET /api/staff/people' => sub { $worker, 'api/staff/people' },
    (map { my $what = $_;
           ("POST /api/staff/people/$what" => sub {
               $admin, "api/staff/people/$what", json => {
                   name => colleague($what) } }) }
         qw(disable enable sign-out)),
    'GET /api/staff/courses' => sub { $worker, 'api/staff/courses' },
    'POST /api/staff/courses' => sub {
        $worker, 'api/staff/courses', json => { title => '新课', %course } },
    'GET /api/staff/courses/{id}' => sub {
        $worker, 'api/staff/courses/law-01' },
    'PATCH /api/staff/courses/{id}' => sub {
        course('change', title => '另一个名字') },
    (map { my ($action, %body) = @$_;
           ("POST /api/staff/courses/{id}/$action" => sub {
               course($action, %body) }) }
         ['submit'], ['recall'], ['publish'], [return => reason => '太长'],
         [withdraw => reason => '停开'], ['drop']),
    'GET /api/wishes' => sub { $web, 'api/wishes' },
    'GET /api/wishes/{id}' => sub {
        my ($device, $path) = wish_step('claim');
        $web, $path =~ s{staff/|/claim$}{}gr },
    'POST /api/wishes' => sub { $web->fresh, 'api/wishes', json => wish() },
    'POST /api/wishes/{id}/withdraw' => sub {
        my ($device, $id) = wished();
        $device, "api/wishes/$id/withdraw" },
    'GET /api/me/wishes' => sub { (wished())[0], 'api/me/wishes' },
    'GET /api/staff/wishes' => sub { $worker, 'api/staff/wishes' },
    'POST /api/staff/wishes' => sub {
        my %wish = %{wish()};
        delete @wish{qw(who phone)};
        return ($worker, 'api/staff/wishes', json => \%wish) },
    'GET /api/staff/wishes/{id}' => sub {
        $worker, 'api/staff/wishes/' . (wished())[1] },
    (map { my ($action, %body) = @$_;
           ("POST /api/staff/wishes/{id}/$action" => sub {
               wish_step($action, %body) }) }
         [publish => wish => '学手机', text => '想学'],
         [refuse => reason => '有电话'], ['claim'],
         [release => reason => '没有人'], ['fulfil'],
         [answer => answer => '可以来听', course => 'law-01'],
         [order => course => 'law-01', wanted => [$day], head_count => 9]),
    'GET /api/health' => sub { $web, 'api/health' },
    'GET /api/metrics' => sub { $web, 'api/metrics' },
);

is_deeply [sort keys %good], [sort @operations], 'one for each of them';


# Whether an answer has status and code, and is described as it is.

sub judged {
    my ($name, $r, $status, $code, $note) = @_;

    my @wrong = $api->judge($name, $r);
    my $said = join ' ', $r->{status}, grep { length }
                    $r->{status} >= 400 ? $r->json->{code} || '' : '';
    my $want = join ' ', $status, grep { defined } $code;

    push @wrong, "$said, not $want" if $said ne $want;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $good = ok !@wrong, join ': ', grep { defined } "$name $want", $note;

    diag(join("\n", @wrong), "\n", substr $r->text, 0, 2000) if !$good;

    return $good;
}


# Asks as the good request does, but for what is changed.

sub ask {
    my ($name, %change) = @_;

    my ($browser, $path, %o) = $good{$name}->();

    $browser = delete $change{browser} if $change{browser};
    $path = delete $change{path} if $change{path};
    delete $o{query} if $path =~ /\?/;
    $o{query} = { %{$o{query} || {}}, %{delete $change{query}} }
        if $change{query};
    delete @o{qw(json body type)} if exists $change{body};

    return $browser->request((split ' ', $name)[0], $path, %o, %change);
}


# ---- what goes well

my %made = ('POST /api/orders' => 201, 'POST /api/staff/orders' => 201, 'POST /api/c' => 201,
            'POST /api/staff/events' => 201,
            'POST /api/staff/courses' => 201,
            'POST /api/events/{id}/enrol' => 201,
            'POST /api/staff/events/{id}/enrolments' => 201,
            'POST /api/events/{id}/ratings' => 201,
            'POST /api/wishes' => 201, 'POST /api/staff/wishes' => 201,
            'POST /api/staff/events/{id}/attendance' => 201,
            'POST /api/staff/events/{id}/card' => 201,
            'POST /api/staff/events/{id}/attendance/out' => 201,
            'POST /api/staff/events/{id}/corrections' => 201);

for my $name (@operations) {
    my ($browser, $path, %o) = $good{$name}->();
    my $body = $api->body($name);

    is join("\n", $schema->check($body, $o{json})), '',
       "$name: the body is as described" if $o{json};

    my $send = sub { $browser->request((split ' ', $name)[0], $path, %o, @_) };
    my $r = $send->();

    judged($name, $r, $made{$name} || 200);

    if (my $tag = $r->header('etag')) {
        judged($name, $send->(headers => { 'If-None-Match' => $tag }), 304);
    }

    judged($name, $send->(), 200, undef, 'once more')
        if $name =~ m{/(?:c|card|attendance|publish|cancel|enrol|enrolments
                          |ratings|show|hide|withdraw)$
                      |events/\{id\}/(?:complete|enrol/(?:accept|decline))$}x
           && $name =~ /^POST/
           && $name !~ m{/(?:wishes/\{id\}/publish$|courses/)};
}

$site->event(orders => [ordered()]);    # an order that is planned

my $me = $web->fresh;

judged('POST /api/c', $me->post('api/c', json => {
           ticket => $site->ticket($me, $event), someone('name') }), 201,
       undef, 'of a new device');
judged('POST /api/c', $me->post('api/c', json => {
           ticket => $site->ticket($me, $event, 'screen-out') }), 201, undef,
       'leaving');
judged('GET /api/me', $me->get('api/me'), 200, undef, 'of a known person');
judged('GET /api/c/{token}',
       $me->get('api/c/' . $seal->token(event => $event)), 200, undef,
       'of a known person');
judged('GET /api/me', $web->fresh->get('api/me'), 200, undef, 'of nobody');
judged('GET /api/me/orders', $web->fresh->get('api/me/orders'), 200, undef,
       'of nobody');
judged('GET /api/c', $web->get('api/c'), 200, undef, 'without digits');
judged('GET /api/c', $web->get('api/c', query => { who => 'family' }), 200,
       undef, 'with the ticket at hand');
judged('GET /api/menu', $web->get('api/menu', query => {
           practice => 'theory', project => 'party', q => '党员 群众' }), 200,
       undef, 'with filters');
judged('GET /api/menu', $web->get('api/menu', query => {
           q => '急救课堂', unit => '' }), 200, undef, 'with what comes close');
judged('GET /api/menu', $web->get('api/menu', query => {
           unit => 'nowhere' }), 404, 'not_found');
judged('GET /api/me/record', $web->fresh->get('api/me/record'), 200, undef,
       'of nobody');
judged('GET /api/timetable', $web->get('api/timetable', query => {
           unit => 'wenyilu', from => $day, to => $day }), 200, undef,
       'of a day');
judged('GET /api/events/{id}', $web->get("api/events/$cancelled"), 200, undef,
       'cancelled');
judged('GET /api/staff/events/{id}', $worker->get("$at/$bare"), 200, undef,
       'hardly begun');
judged('GET /api/staff/events/{id}', $auditor->get("$at/$event"), 200, undef,
       'for an auditor');
judged('GET /api/staff/events/{id}/roster', $worker->get("$at/$event/roster"),
       200, undef, 'with people');
judged('GET /api/staff/orders', $worker->get('api/staff/orders', query => {
           status => 'scheduled' }), 200, undef, 'of a status');
judged('GET /api/me/orders', $web->get('api/me/orders'), 200, undef,
       'with one that is planned');

my $over = $site->event(start => Wenming::Site::iso(time - 7200),
                        end => Wenming::Site::iso(time - 3600));

judged('GET /api/screen/{event}', $web->get("api/screen/$over", query => {
           pass => $seal->pass(event => $over) }), 200, undef, 'when closed');
judged('GET /api/screen/{event}/now', $web->get("api/screen/$over/now",
       query => { pass => $seal->pass(event => $over) }), 200, undef,
       'when closed');

# as much as fits

judged('POST /api/staff/events', $worker->post($at, json => {
           title => '题' x 80, place => '处' x 120, audience => '人' x 80,
           content => '字' x 2000, capacity => 100_000, course => 'law-01',
           unit => 'wenyilu', orders => [map { ordered() } 1 .. 40],
           start => '2030-05-04T09:30', end => '2030-05-04 11:00',
           version => '1' x 20 }), 201, undef, 'as long as may be');
judged('POST /api/orders', $web->post('api/orders', json => {
           %{order()}, note => '注' x 500, group => '校' x 80, head_count => 10_000,
           contact_name => '名' x 50, wanted => [($day) x 10] }), 201, undef,
       'as long as may be');
judged('POST /api/staff/events/{id}/attendance', $worker->post(
           "$at/$event/attendance", json => { name => '名' x 50 }), 201,
       undef, 'without a phone');


# ---- what every address refuses

for my $name (@operations) {
    my @once = $good{$name}->();        # what is refused can be sent again
    local $good{$name} = sub { @once };
    my ($method, $described) = split ' ', $name;
    my $may = sub {
        my ($status, $code) = @_;
        return $api->response($name, $status)
               && grep { $_ eq $code } $api->codes($name, $status);
    };

    if ($method eq 'GET') {
        my (undef, $path) = $good{$name}->();
        judged($name, ask($name, path => "$path?a=%zz"), 400, 'bad_request');
    } else {
        judged($name, ask($name, body => '{', type => 'application/json'),
               400, 'bad_request');
        judged($name, ask($name, headers => { 'Idempotency-Key' => 'a b' }),
               400, 'bad_request', 'key');
        judged($name, ask($name, body => 'x' x 16385,
                          type => 'application/json'), 413, 'too_large');
        judged($name, ask($name, body => '{}', type => 'text/plain'), 415,
               'media_type');
        judged($name, ask($name, headers => {
                   'Sec-Fetch-Site' => 'cross-site' }), 403, 'foreign');

        my $r = ask($name, json => { nobody => 1 });
        judged($name, $r, 422, 'invalid');
        is $r->json->{errors}[0]{code}, 'unknown', "$name: says what is wrong";
    }

    judged($name, ask($name, browser => $web->fresh), 401, 'sign_in')
        if $may->(401, 'sign_in');
    judged($name, ask($name, browser => $route{plain($name)}{cap} eq
               'WM_CAP_READ' ? $lead : $auditor), 403, 'forbidden')
        if $may->(403, 'forbidden') && $route{plain($name)}{staff};

    if ($may->(404, 'not_found') && $described =~ /\{id\}/) {
        my $none = $described =~ /orders|wishes/ ? 'A' x 16 : 999_999;
        (my $path = substr $described, 1) =~ s/\{id\}/$none/;
        judged($name, ask($name, path => $path), 404, 'not_found');
    }
}


# ---- other methods

for my $path (sort keys %{{ map { ((split)[1] => 1) } @operations }}) {
    my %may = map { ($_ => 1) } map { (split)[0] }
              grep { (split)[1] eq $path } @operations;
    my ($one) = grep { (split)[1] eq $path } @operations;
    my ($browser, $to, %o) = $good{$one}->();

    $may{HEAD} = 1 if $may{GET};

    for my $method (grep { !$may{$_} } qw(GET POST PUT PATCH DELETE)) {
        my $r = $browser->request($method, $to);
        my $doc = $r->json;
        my @wrong = $schema->check({ '$ref' => '#/components/schemas/Problem'
                                   }, $doc);

        is "$r->{status} $doc->{code} @wrong", '405 method_not_allowed ',
           "$method $path";
        is join(' ', sort split /, /, $r->header('allow')),
           join(' ', sort keys %may), 'and what is allowed';
    }

    is $browser->head($to, %o)->{status}, 200, "HEAD $path" if $may{GET};
}


# ---- fields that break the description: each is named

my %wrong_text = ('#/components/schemas/PhoneInput' => ['1', 'phone'],
                  '#/components/schemas/InstantInput' => ['x', 'time']);


# Pairs of a value that a schema forbids and the code for it.

sub breaches {
    my ($node, $required) = @_;

    my $ref = $node->{'$ref'} || '';
    my $s = $schema->resolve($node);
    my $type = $s->{type} || 'string';
    my @all;

    push @all, $wrong_text{$ref} if $wrong_text{$ref};
    push @all, [undef, 'missing'] if $required;

    if ($type eq 'integer') {
        push @all, ['5', 'type'], [-1, 'type'], [5.5, 'body'],
                   [$s->{maximum} + 1, 'range'];
        push @all, [$s->{minimum} - 1, 'range'] if $s->{minimum} > 0;

    } elsif ($type eq 'array') {
        my $good = $s->{items}{format} ? $day : 'A' x 16;
        push @all, ['x', 'type'], [[5], 'type'], [{}, 'type'],
                   [['a b'], $s->{items}{format} ? 'date' : 'type'],
                   [[($good) x ($s->{maxItems} + 1)], 'too_long'];
        push @all, [[], 'missing'] if $s->{minItems};
        push @all, [[$good . 'A' x 64], 'type'] if $s->{items}{maxLength};

    } else {
        push @all, [5, 'type'], [['x'], 'type'];
        push @all, ['x' x ($s->{maxLength} + 1), 'too_long']
            if $s->{maxLength};
        push @all, ['a b', 'type'] if $s->{pattern};
        push @all, ['', 'missing'] if $s->{minLength};
        push @all, ['who', 'choice'] if $s->{enum};
    }

    return @all;
}


for my $name (grep { !/^GET/ } @operations) {
    my $body = $api->body($name) or next;
    my %must = map { ($_ => 1) } @{$body->{required} || []};

    delete @must{@{$needed{$name} || []}};

    my ($browser, $path, %o) = $good{$name}->();

    for my $field (sort keys %{$body->{properties} || {}}) {
        for my $case (breaches($body->{properties}{$field}, $must{$field})) {
            my ($value, $code) = @$case;
            my %json = (%{$o{json} || {}}, $field => $value);

            delete $json{$field} if !defined $value;

            ok scalar($schema->check($body, \%json)),
               "$name: $field is not as described"
                if !defined $value
                   || $field !~ /^(?:phone|start|end|at|enrol_(?:from|until))$/;

            my $r = $browser->request((split ' ', $name)[0], $path,
                                      json => \%json);

            if ($code eq 'body') {      # not even JSON as we read it
                judged($name, $r, 400, 'bad_request', $field);
                next;
            }

            judged($name, $r, 422, 'invalid', "$field $code");
            is join(' ', map { "$_->{field} $_->{code}" }
                         @{$r->json->{errors} || []}), "$field $code",
               'which is named';
        }
    }
}

for my $name (grep { /^GET/ } @operations) {
    for my $p ($api->parameters($name, 'query')) {
        my ($field, $s) = @$p{qw(name schema)};
        my (undef, $path) = $good{$name}->();
        my @cases = (["$field=1&$field=2", 'duplicate']);

        push @cases, ["$field=" . 'x' x ($s->{maxLength} + 1), 'too_long']
            if $s->{maxLength};
        push @cases, ["$field=a%20b", 'type'] if $s->{pattern};
        push @cases, ["$field=2030-02-30", 'date'] if $s->{format};

        for my $case (@cases) {
            my ($query, $code) = @$case;
            my $r = ask($name, path => "$path?$query");

            judged($name, $r, 422, 'invalid', "$field $code");
            is join(' ', map { "$_->{field} $_->{code}" }
                         grep { $_->{field} eq $field }
                         @{$r->json->{errors} || []}), "$field $code",
               'which is named';
        }
    }
}


# ---- what one address alone refuses

my $token = sub { 'api/c/' . $seal->token(event => $_[0]) };
my $digits = sub { ('api/c', query => {
    event => $_[0], code => $seal->digits(event => $_[0]) }) };

judged('GET /api/timetable', $web->get('api/timetable?unit=nowhere'), 404,
       'not_found');
judged('GET /api/timetable',
       $web->get("api/timetable?from=$day&to=2020-01-01"), 422, 'invalid');
judged('GET /api/screen/{event}', ask('GET /api/screen/{event}',
       query => { kind => 'poster-in' }), 404, 'not_found');
judged('GET /api/screen/{event}', $web->get("api/screen/$event"), 403,
       'code_invalid');
judged('GET /api/screen/{event}/now', ask('GET /api/screen/{event}/now',
       query => { kind => 'poster-in' }), 404, 'not_found');
judged('GET /api/screen/{event}/now', $web->get("api/screen/$event/now"),
       403, 'code_invalid');
judged("GET /api/$_", $web->get("/closed/api/$_"), 403, 'forbidden')
    for qw(health metrics);
judged('GET /api/c/{token}', $web->get('api/c/NONE'), 403, 'code_invalid');
judged('GET /api/c/{token}', $web->get($token->($cancelled)), 409, 'closed');
judged('GET /api/c', $web->get($digits->($cancelled)), 409, 'closed');

{
    my ($id, $path) = postered();
    my ($far, $early) = postered(start => Wenming::Site::iso(time + 3 * 3600),
                                 end => Wenming::Site::iso(time + 4 * 3600));
    my $ticket = $web->get("api/$path")->json->{ticket};

    judged('GET /api/c/{token}', $web->get("api/$path"), 200, undef,
           'of a poster');
    judged('POST /api/c', $web->post('api/c', json => {
               ticket => $ticket, who => 'new', someone('name') }), 201,
           undef, 'by a poster');
    judged('GET /api/staff/events/{id}/roster',
           $worker->get("$at/$id/roster"), 200, undef, 'of a poster');
    judged('GET /api/staff/events/{id}/poster', $worker->get(
        "$at/$id/poster?kind=poster-out"), 200, undef, 'for leaving');
    judged('GET /api/staff/events/{id}/poster', $worker->get(
        "$at/$id/poster?kind=screen-in"), 422, 'invalid');
    judged('GET /api/staff/events/{id}/poster', $worker->get(
        "$at/$draft/poster"), 200, undef, 'of a draft');
    judged('GET /api/staff/events/{id}/screens', $worker->get(
        "$at/$draft/screens?count=12"), 200, undef, 'of a draft');
    judged("POST /api/staff/events/{id}/$_", $worker->post("$at/$draft/$_"),
           409, 'state') for qw(poster screens/close);
    judged('GET /api/c/{token}', $web->get("api/$early"), 409, 'not_open');
    $worker->post("$at/$id/poster/end");
    judged('GET /api/c/{token}', $web->get("api/$path"), 403, 'poster_over');
    judged('POST /api/c', $web->post('api/c', json => {
               ticket => $ticket, who => 'new', someone('name') }), 403,
           'poster_over');
}

judged('GET /api/c', $web->get('api/c?event=x&code=1'), 403,
       'digits_invalid');
judged('POST /api/c', ask('POST /api/c', browser => $web->fresh), 403,
       'code_invalid');
judged('POST /api/c', $web->post('api/c', json => {}), 403, 'code_invalid',
       'without ticket');
judged('POST /api/c', ask('POST /api/c',
       json => check_in($event, 'screen-out')), 409, 'not_checked_in');
judged('POST /api/c', ask('POST /api/c', json => {
           %{check_in($soon)}, someone('name') }), 409, 'not_open');
judged('POST /api/c', ask('POST /api/c', json => check_in(
           $site->event(walk_in => 'no'))), 409, 'no_place');
judged('POST /api/staff/session', ask('POST /api/staff/session', json => {
           name => 'nobody', password => 'something' }), 401,
       'wrong_password');

my ($turn_on, $turn_off) = map { "POST /api/staff/security$_" } '', '/off';

{
    my ($browser, $path, %o) = turning_on();
    my $name = "careful$careful";
    my %who = (name => $name, password => $site->{staff}{$name});
    my %wrong = (%{$o{json}}, code => '12345');
    my $session = 'POST /api/staff/session';
    my $sign_in = sub {
        $web->fresh->post('api/staff/session', json => { %who, @_ }) };

    judged($turn_on, $browser->post($path, json => \%wrong), 401,
           'wrong_code');
    judged($turn_on, $browser->post($path, json => { %wrong, setup => 'x' }),
           409, 'stale');

    my $codes = $browser->post($path, %o)->json->{recovery};

    judged($turn_on, $browser->post($path, %o), 200, undef, 'once more');
    judged($turn_on, $browser->post($path, json => \%wrong), 409, 'state');
    judged('GET /api/staff/security', $browser->get($path), 200, undef,
           'when it is on');

    judged($session, $sign_in->(), 401, 'code_needed');
    judged($session, $sign_in->(code => '12345'), 401, 'wrong_code');
    judged($session, $sign_in->(code => $codes->[1]), 200, undef,
           'with a recovery code');

    my %off = (json => { password => $who{password}, code => $codes->[2] });

    judged($turn_off, $browser->post("$path/off", json => {
               password => 'another one', code => '1' }), 401,
           'wrong_password');
    judged($turn_off, $browser->post("$path/off", json => {
               %{$off{json}}, code => '1' }), 401, 'wrong_code') for 1 .. 5;
    judged($turn_off, $browser->post("$path/off", %off), 429, 'try_later');
    $redis->call('HDEL', $site->key("staff:$name"), 'totp_wrong');
    judged($turn_off, $browser->post("$path/off", %off), 200);
    judged($turn_off, $browser->post("$path/off", %off), 200, undef,
           'once more');
}

my $shut = $site->event;
my $late = check_in($shut);

$worker->post("$at/$shut/cancel");
judged('POST /api/c', $web->post('api/c', json => $late), 409, 'closed');

my $hand = 'POST /api/staff/events/{id}/attendance';
my $fix = 'POST /api/staff/events/{id}/corrections';
my $enrol = 'POST /api/events/{id}/enrol';
my $enrol_hand = 'POST /api/staff/events/{id}/enrolments';
my $remove = "$enrol_hand/cancel";

judged($enrol, $web->fresh->post("api/events/$_->[0]/enrol",
                                 json => { someone('name') }), 409, $_->[1])
    for [$cancelled, 'state'], [$event, 'no_enrol'],
        [$site->event(capacity => 1), 'enrol_over'],
        [$site->event(start => Wenming::Site::iso(time + 7200), enrol_from =>
                          Wenming::Site::iso(time + 3600), capacity => 1,
                      end => Wenming::Site::iso(time + 9000)), 'enrol_early'];
judged($enrol_hand, $worker->post("$at/$cancelled/enrolments",
                                  json => { someone('name') }), 409, 'state');
judged($enrol_hand, $worker->post("$at/$over/enrolments",
                                  json => { someone('name') }), 409,
       'enrol_over');

# The same place when it is too late for what is asked.

sub too_late {
    my ($name, $status, $code, $change) = @_;

    my ($browser, $path, %o) = $good{$name}->();
    my ($id) = $path =~ m{events/(\d+)/};
    my $person = $o{json}{person};

    $change->($id, $person);
    judged($name, $browser->post($path, %o), $status, $code);

    return;
}


sub recorded {
    my ($with) = @_;

    return sub {
        my ($id, $person) = @_;
        my $key = $site->key("enrol:$id");
        my @record = split /:/, $redis->call('HGET', $key, $person), -1;

        @record[0, 3] = @$with;
        $redis->call('HSET', $key, $person, join ':', @record);
    };
}


sub begun {
    $redis->call('HSET', $site->key("event:$_[0]"), 'start',
                 int(time * 1000) - 1);
}


for my $what (map { "$enrol/$_" } qw(cancel accept decline)) {
    too_late($what, 409, 'state', recorded(
        [$what =~ /cancel/ ? 'd' : 'w', 0]));
    too_late($what, 409, 'offer_over', recorded(['o', 1]));
}

too_late("$enrol/$_", 409, 'enrol_over', \&begun) for qw(accept decline);
too_late($remove, 409, 'state', recorded(['d', 0]));
too_late($remove, 409, 'offer_over', recorded(['o', 1]));

{
    my $other = $site->event(start => Wenming::Site::iso(time + 18000),
                             end => Wenming::Site::iso(time + 19000),
                             capacity => 1);
    my ($device, $person) = enrolled($other);

    begun($other);
    judged("$enrol/cancel", $device->post("api/events/$other/enrol/cancel",
                                          json => {}), 409, 'enrol_over');
}

judged($hand, ask($hand, path => "$at/$soon/attendance"), 409, 'not_open');
judged($hand, ask($hand, path => "$at/$draft/attendance"), 409, 'closed');

my $door = 'POST /api/staff/events/{id}/card';

judged($door, ask($door, path => "$at/$soon/card"), 409, 'not_open');
judged($door, ask($door, path => "$at/$draft/card"), 409, 'closed');
judged($door, ask($door, path => "$at/" . $site->event(walk_in => 'no')
                                 . '/card'), 409, 'no_place');
judged($door, $worker->post("$at/$event/card", json => {
           card => card(), out => 1 }), 409, 'not_checked_in');
judged($door, $worker->post("$at/$event/card", json => { card => 'none' }),
       403, 'card_invalid');
judged('GET /api/me/card', $web->fresh->get('api/me/card'), 200, undef,
       'of nobody');

{
    my ($out, $ask, $confirm) = map { "POST /api/staff/events/{id}/$_" }
        qw(attendance/out corrections corrections/confirm);
    my $person = here();

    judged($out, ask($out, path => "$at/$soon/attendance/out"), 409,
           'not_open');
    judged($out, ask($out, path => "$at/$draft/attendance/out"), 409,
           'closed');
    judged($out, ask($out, json => { person => 'A' x 16 }), 409,
           'not_checked_in');
    judged($out, ask($out, json => { person => $person }), 201, undef, 'gone');
    judged($out, ask($out, json => { person => $person }), 200, undef,
           'once more');
    judged($ask, ask($ask, json => { person => here(), what => 'reopen',
                                     reason => '点错' }), 409, 'state');
    judged($confirm, ask($confirm, browser => $worker), 403, 'second_person');
    judged('GET /api/staff/events/{id}/roster',
           $worker->get("$at/$event/roster"), 200, undef,
           'with a correction');
    judged('GET /api/staff/today', $worker->get('api/staff/today'), 200,
           undef, 'the same');
}


judged("GET /api/staff/events/{id}/$_",
       $worker->get("$at/$draft/$_"), 409, $_ eq 'code' ? 'state' : 'closed'),
judged("GET /api/staff/events/{id}/$_",
       $worker->get("$at/$event/$_?kind=poster-in"), 422, 'invalid')
    for qw(code qr.svg qr.png);

my $rate = 'POST /api/events/{id}/ratings';
my $quiet = $site->event;
my $guest = guest($quiet);

judged($rate, $web->fresh->post("api/events/$event/ratings", json => {
           score => 5 }), 403, 'not_attended');
judged($rate, $guest->post("api/events/$quiet/ratings", json => {
           score => 1, text => '字' x 500, person => '' }), 201, undef,
       'as long as may be');
judged('GET /api/events/{id}/ratings',
       $web->get("api/events/$quiet/ratings"), 200, undef, 'with a figure');
$worker->post('api/staff/ratings/' . $worker->get('api/staff/ratings')
                                            ->json->{items}[-1]{id} . '/show');
judged('GET /api/events/{id}/ratings',
       $web->get("api/events/$quiet/ratings"), 200, undef, 'with a text');
judged('GET /api/me', $guest->get('api/me'), 200, undef, 'of who has rated');

{
    my $stays = $web->fresh;

    $stays->post('api/c', json => {
        ticket => $site->ticket($stays, $quiet), someone('name') });
    judged($rate, $stays->post("api/events/$quiet/ratings", json => {
               score => 5 }), 409, 'rating_early');
    $redis->call('HSET', $site->key("event:$quiet"), 'end', 1);
    judged($rate, $stays->post("api/events/$quiet/ratings", json => {
               score => 5 }), 409, 'rating_closed');
    $worker->post("$at/$quiet/cancel");
    judged($rate, $stays->post("api/events/$quiet/ratings", json => {
               score => 5 }), 409, 'state');
}

# who is asking

{
    my ($code, $verify) = map { "POST /api/me/$_" } qw(code verify);
    my $at = sub { my $b = $web->fresh; $b->{base} = "/$_[0]"; $b };
    my %who = (json => { someone('name') });
    my %digits = (json => { %{$who{json}}, code => '123456' });

    judged($code, $at->('closed')->post('api/me/code', %who), 403,
           'ask_office');
    judged($code, $at->('login')->post('api/me/code', %who), 403,
           'verify_first');
    judged($code, $at->('silent')->post('api/me/code', %who), 503,
           'sms_away');
    judged($code, $web->fresh->post('api/me/code', %who), 429, 'many_codes');

    my @hours = map { $site->key('codes:' . (int(time / 3600) + $_)) } 0, 1;

    $redis->call('HSET', $_, 'n', 3000) for @hours;
    judged($code, $web->fresh->post('api/me/code', json => {
               someone('name') }), 429, 'all_codes');
    $redis->call('DEL', @hours);
    judged($verify, $at->('closed')->post('api/me/verify', %digits), 403,
           'ask_office');
    judged($verify, $at->('login')->post('api/me/verify', %digits), 403,
           'verify_first');
    judged($verify, $web->fresh->post('api/me/verify', %digits), 409,
           'code_over');

    my ($device, $who) = sms();
    my $wrong = sprintf '%06d', ($who->{code} + 1) % 1_000_000;

    judged($verify, $device->post('api/me/verify', json => {
               %$who, code => $wrong }), 403, 'sms_wrong');

    judged('POST /api/me/sign-out-everywhere',
           $web->fresh->post('api/me/sign-out-everywhere'), 403,
           'verify_first');
    judged('POST /api/me/sign-out-everywhere',
           $at->('closed')->post('api/me/sign-out-everywhere'), 403,
           'ask_office');
    judged('GET /api/me/data', $web->fresh->get('api/me/data'), 200, undef,
           'of nobody');
    judged('DELETE /api/me', $web->fresh->delete('api/me'), 403,
           'verify_first');
    judged('DELETE /api/me', $at->('closed')->delete('api/me'), 403,
           'ask_office');
    judged('DELETE /api/me', known_well()->delete('api/me'), 200, undef,
           'with all there is');
    judged('GET /api/me', verified()->get('api/me'), 200, undef, 'verified');
    judged('GET /api/me', $at->($_)->get('api/me'), 200, undef, $_)
        for qw(closed login);

    my $often = verified();
    my @said = map { $often->get('api/me/data') } 1 .. 7;

    judged('GET /api/me/data', $said[-1], 429, 'many_requests');
    judged('DELETE /api/me', $often->delete('api/me'), 429, 'many_requests');
}

my ($show, $hide) = map { "POST /api/staff/ratings/{id}/$_" } qw(show hide);
my $put_aside = waiting();

$worker->post("api/staff/ratings/$put_aside/hide");
judged($show, $worker->post("api/staff/ratings/$put_aside/show"), 409,
       'state');

my ($change, $publish, $cancel) = map { "$_->[0] /$at/{id}$_->[1]" }
    [PATCH => ''], [POST => '/publish'], [POST => '/cancel'];

judged($change, $worker->patch("$at/$event", json => { version => '999' }),
       409, 'conflict');
judged($change, $worker->patch("$at/$cancelled", json => { title => '改' }),
       409, 'state');
judged($publish, $worker->post("$at/$cancelled/publish"), 409, 'state');
judged($publish, $worker->post("$at/$bare/publish"), 422, 'incomplete');

my %late = (start => Wenming::Site::iso(time - 7200),
            end => Wenming::Site::iso(time - 3600));

judged($publish, $worker->post("$at/" . $site->event(draft => 1, %late)
                               . '/publish'), 409, 'event_past');
judged("POST /$at", $worker->post($at, json => {
           title => '昨天的', place => '二楼', audience => '居民',
           content => '内容', %late, publish => 1 }), 409, 'event_past');
judged("POST /$at", $worker->post($at, json => {
           course => 'law-01', place => '二楼', audience => '居民',
           content => '内容', start => "${day}T09:00", end => "${day}T10:00",
           orders => [(step('accept'))[1] =~ m{orders/(\w+)/}], publish => 1
       }), 409, 'state');

my $complete = "POST /$at/{id}/complete";

judged($complete, $worker->post("$at/$cancelled/complete"), 409, 'state');
judged($complete, $worker->post("$at/$event/complete"), 409, 'not_over');

# steps of an order, when it is not their time

my @steps = grep { m{^POST /api/staff/orders/\{id\}/} } @operations;
my %early = (complete => [not_over => sub {
                 $site->event(orders => [$_[0]]) }],
             expire => [not_past => sub { }],
             escalate => [no_parent => sub {
                 $worker->post("api/staff/orders/$_[0]/escalate") }]);

for my $name (@steps) {
    my ($action) = $name =~ m{/(\w+)$};
    my $id = ordered();
    my $path = "api/staff/orders/$id/$action";

    if (my $early = $early{$action}) {
        $early->[1]->($id);
        judged($name, $worker->post($path), 409, $early->[0]);
    }

    $web->post("api/orders/$id/cancel");
    judged($name, $worker->post($path, json => { reason => '无' }), 409,
           'state');
}

{
    my $id = ordered();

    $worker->post("api/staff/orders/$id/reject", json => { reason => '无' });
    judged('POST /api/orders/{id}/cancel',
           $web->post("api/orders/$id/cancel"), 409, 'state');
    judged('GET /api/me/orders', $web->get('api/me/orders'), 200, undef,
           'with one that is rejected');
    judged('GET /api/staff/orders', $worker->get('api/staff/orders?limit=1'),
           200, undef, 'with more to come');
    judged('GET /api/staff/events', $worker->get("$at?limit=1"), 200, undef,
           'with more to come');

    for (qw(roster enrolments)) {
        my ($web, $e) = ($worker, crowded($_));

        judged("GET /$at/{id}/$_", $web->get("$at/$e/$_?limit=1"), 200,
               undef, 'with more to come');
    }

    for ($at, 'api/staff/orders', "$at.csv", 'api/staff/orders.csv',
         'api/staff/figures', 'api/staff/figures.csv')
    {
        judged("GET /$_", $worker->get("$_?unit=nowhere"), 404, 'not_found');
    }
}


# units, and who works there

my $unit_change = 'PATCH /api/staff/units/{id}';

judged($unit_change, ask($unit_change, json => {
           head => '改', version => '99' }), 409, 'conflict');
judged('GET /api/staff/units', $worker->get('api/staff/units?short=1'), 200,
       undef, 'of those that lack somebody');
judged('GET /api/staff/people', $worker->get(
           'api/staff/people?unit=wenyilu'), 200, undef, 'of a unit');


# courses

my $course_change = 'PATCH /api/staff/courses/{id}';
my @course_steps = grep { m{^POST /api/staff/courses/\{id\}/} } @operations;

judged('GET /api/staff/courses',
       $worker->get('api/staff/courses?status=published&q=' . '课'), 200,
       undef, 'chosen');

for my $name ($course_change, @course_steps) {
    my ($action) = $name =~ m{/(\w+)$};
    my ($browser, $path) = course(!$action || $action =~ /submit|drop/
                                  ? 'recall' : 'drop');

    $path =~ s{/\w+$}{};
    judged($name, $action ? $browser->post("$path/$action")
                          : $browser->patch($path, json => { title => '改' }),
           409, 'state');
}

judged($course_change, ask($course_change, json => {
           title => '改', version => '99' }), 409, 'conflict');
judged('POST /api/staff/courses/{id}/publish', ask(
       'POST /api/staff/courses/{id}/publish', browser => $second), 403,
       'own_course');

{
    my ($browser, $path) = course('withdraw');

    $path =~ s{/\w+$}{};
    judged($course_change, $browser->patch($path, json => {
               title => '另一个名字' }), 200, undef, 'of what is public');
    judged('GET /api/staff/courses/{id}', $browser->get($path), 200, undef,
           'with a draft');
    judged('POST /api/staff/courses/{id}/drop', $browser->post("$path/drop"),
           200, undef, 'beside what is public');
}


# wishes

my @wish_steps = grep { m{^POST /api/staff/wishes/\{id\}/} } @operations;
my $withdraw = 'POST /api/wishes/{id}/withdraw';

for my $name (@wish_steps) {
    my ($action) = $name =~ m{/(\w+)$};
    my ($device, $id) = wished();

    $device->post("api/wishes/$id/withdraw");
    $redis->call('HSET', $site->key("wish:$id"), 'shown', 5)
        if $action eq 'claim';          # for a team to see it at all
    judged($name, ($action eq 'claim' ? $lead : $worker)->post(
        "api/staff/wishes/$id/$action"), 409, 'state');
}

judged("GET /api/$_", $worker->get("api/$_?unit=nowhere"), 404, 'not_found'),
judged("GET /api/$_", $worker->get("api/$_?category=none"), 422, 'invalid'),
judged("GET /api/$_", $worker->get("api/$_?limit=1"), 200, undef,
       'with more to come')
    for qw(wishes staff/wishes);
judged('GET /api/wishes', $web->get('api/wishes?category=study&unit=wenyilu'),
       200, undef, 'chosen');
judged('GET /api/staff/wishes', $lead->get('api/staff/wishes'), 200, undef,
       'for a team');

for my $action (qw(refuse answer order fulfil)) {
    my ($device, $id) = wished();
    my $path = "api/staff/wishes/$id";

    $worker->post("$path/publish", json => { wish => '学手机' });
    $lead->post("$path/claim") if $action eq 'fulfil';
    judged("POST /api/staff/wishes/{id}/$action", $worker->post(
        "$path/$action", json => { %{(wish_step($action, reason => '无',
            answer => '好', course => 'law-01', wanted => [$day],
            head_count => 5))[3]} }), 200, undef, 'of a public one');
    judged('GET /api/me/wishes', $device->get('api/me/wishes'), 200, undef,
           "after $action");
    judged('GET /api/wishes/{id}', $web->get("api/wishes/$id"),
           $action =~ /answer|fulfil/ ? (200, undef) : (404, 'not_found'),
           "after $action");
    judged($withdraw, $device->post("api/wishes/$id/withdraw"), 409, 'state');
}


# ---- the same key with another body

sub twice {
    my ($name, $between, $browser, $path, %o) = @_;

    my $method = (split ' ', $name)[0];
    my %key = (headers => { 'Idempotency-Key' => "key $name" =~ s/\W/-/gr });
    my $r = $browser->request($method, $path, %key, %o);

    ok $r->{status} =~ /^20[01]$/, "$name: with a key" or diag $r->text;
    $between->() if $between;

    return $browser->request($method, $path, %key, json => {
        %{$o{json} || {}}, $name =~ m{cancel|complete|ratings
                             |wishes/.*withdraw|poster|screens}x ? () : (delete $o{other})->()
    });
}


for my $case (['POST /api/orders', undef, sub { head_count => 7 }],
              ['POST /api/staff/orders', undef, sub { head_count => 7 }],
              (map { [$_, undef, sub { note => '另一句' }] }
               grep { !/complete$/ } @steps),
              (map { [$_, undef, sub { reason => '另一句' }] } @wish_steps),
              (map { my $of = $_; [$_, undef, sub {
                  $of =~ /submit/ ? (title => '改') : (reason => '另一句') }]
               } @course_steps),
              ['POST /api/staff/courses', undef, sub { title => '另一门' }],
              [$unit_change, undef, sub { head => '另一位' }],
              (map { my $what = $_;
                     ["POST /api/staff/people/$what", undef,
                      sub { name => colleague($what) }] }
               qw(disable enable sign-out)),
              [$course_change, undef, sub { title => '另一门' }],
              ['POST /api/wishes', undef, sub { text => '另一句' }],
              ['POST /api/staff/wishes', undef, sub { text => '另一句' }],
              ['POST /api/c', undef, sub { name => '另一位' }],
              [$hand, undef, sub { name => '另一位' }],
              [$door, undef, sub { out => 1 }],
              ["$hand/out", undef, sub { person => here() }],
              [$fix, undef, sub { reason => '另一句' }],
              (map { ["$fix/$_", undef, sub { person => to_correct() }] }
               qw(confirm drop)),
              [$enrol, undef, sub { seats => 3 }],
              [$enrol_hand, undef, sub { name => '另一位' }],
              ["POST /$at", undef, sub { title => '另一场' }],
              [$change, undef, sub { title => '另一场' }])
{
    my ($name, $between, $other) = @$case;
    my ($browser, $path, %o) = $good{$name}->();

    judged($name, twice($name, $between, $browser, $path, %o,
                        other => $other), 422, 'key_reused');
}

# The key of a person's place, with the same in other words.

sub key_again {
    my ($name, $browser, $path, %o) = @_;

    my %key = (headers => { 'Idempotency-Key' => "key $name" =~ s/\W/-/gr });
    my ($id) = $path =~ m{events/(\d+)/};
    my @record = ($site->key("enrol:$id"), $o{json}{person});
    my $before = $redis->call('HGET', @record);

    is $browser->post($path, %key, %o)->{status}, 200, "$name: with a key";
    $redis->call('HSET', @record, $before);

    return $browser->post($path, %key, body => Wenming::Http::encode(
        qq({ "person": "$o{json}{person}" })), type => 'application/json');
}


# these do nothing the second time, unless the record was put back

for my $name ($remove, map { "$enrol/$_" } qw(cancel accept decline)) {
    my ($browser, $path, %o) = $good{$name}->();

    judged($name, key_again($name, $browser, $path, %o), 422, 'key_reused');
}

for my $case (['POST /api/orders/{id}/cancel', 'order', 'submitted'],
              [$withdraw, 'wish', 'submitted'],
              [$publish, 'event', 'draft'], [$cancel, 'event', 'published'])
{
    my ($name, $record, $before) = @$case;
    my ($browser, $path) = $good{$name}->();
    my ($id) = $path =~ m{/(\w+)/\w+$};

    judged($name, twice($name, sub {
        $redis->call('HSET', $site->key("$record:$id"), 'status', $before)
    }, $browser, $path, other => sub { title => '另一场' }), 422,
        'key_reused');
}


# what is made again, closed again, taken down again because it was put back

for my $name (map { "POST /$at/{id}/$_" } qw(screens/close poster poster/end))
{
    my ($browser, $path) = $good{$name}->();
    my ($id) = $path =~ m{events/(\d+)/};

    judged($name, twice($name, sub {
        $redis->call('HSET', $site->key("event:$id"), 'poster', 1)
    }, $browser, $path), 422, 'key_reused');
}


# what is completed again, because it was put back

for my $name ($complete, 'POST /api/staff/orders/{id}/complete') {
    my $id = ordered();
    my $path = $name eq $complete ? "$at/" . over($id) . '/complete'
               : do { over($id); "api/staff/orders/$id/complete" };

    judged($name, twice($name, sub {
        $redis->call('HSET', $site->key("order:$id"), 'status', 'scheduled')
    }, $worker, $path), 422, 'key_reused');
}


for my $name ($show, $hide) {
    my ($browser, $path) = $good{$name}->();
    my ($of, $who) = $path =~ m{/(\d+)-(\w+)/};
    my $record = $redis->call('HGET', $site->key("rating:$of"), $who);

    judged($name, twice($name, sub {
        $redis->call('HSET', $site->key("rating:$of"), $who, $record)
    }, $browser, $path), 422, 'key_reused');
}


# ---- races that are lost: the condition is made one that never holds

my ($last) = $redis->call('GET', $site->key('event_number'));

$redis->call('HSET', $site->key('event:' . ($last + $_)), 'status', 'draft')
    for 1 .. 5;
judged("POST /$at", ask("POST /$at", json => { title => '新' }), 409,
       'conflict');

{
    my %order = (json => order(), headers => { 'Idempotency-Key' => 'gone' });
    my %old = map { ($_ => 1) } @{$redis->call('KEYS', '*once*')};

    my %wish = (json => wish(), headers => $order{headers});
    my %hand = (json => { %{wish()} }, headers => $order{headers});
    my %course = (json => { title => '新课' }, headers => $order{headers});

    delete $hand{json}{who};


    for my $case ([$web, 'api/orders', %order],
                  [$worker, 'api/staff/orders', %order],
                  [$worker, 'api/staff/courses', %course],
                  [$worker, 'api/staff/wishes', %hand],
                  [$web->fresh, 'api/wishes', %wish])
    {
        my ($browser, $path, %what) = @$case;

        $browser->post($path, %what);
        $redis->call('DEL', grep { !$old{$_} }
                            @{$redis->call('KEYS', '*once*')});
        judged("POST /$path", $browser->post($path, %what), 409, 'conflict');
    }
}

# Repeats a good request where each commit comes too late.

sub raced {
    my ($name, $what, @words) = @_;

    my ($browser, $path, %o) = $good{$name}->();
    my ($id) = $path =~ m{/(?:orders|events|wishes|courses)/(\w+)/};

    $id = $event if !defined $id;
    Wenming::Site::write_file($plan, join '', map {
        join(' ', $what->[0], $site->key($what->[1] =~ s/ID/$id/r),
             ref $_ ? @$_ : s/ID/$id/r) . "\n" } @words);

    return judged($name, $browser->post("/raced/$path", %o), 409, 'conflict');
}


raced($_, [HINCRBY => 'event:ID'], 'version 1')
    for $publish, $cancel, $complete, 'POST /api/c', $hand, "$hand/out", $door, $rate,
        map { "POST /$at/{id}/$_" } qw(screens/close poster poster/end);

for my $case ([$fix, 'att', map { "$_:0:h-:x" } 1, 2],
              ["$fix/confirm", 'att', map { "$_:0:h-:x" } 1, 2],
              ["$fix/drop", 'fix', map { "remove:$_:x:/furong/:y" } 1, 2])
{
    my ($name, $of, @values) = @$case;
    my @once = $good{$name}->();
    local $good{$name} = sub { @once };

    raced($name, [HSET => "$of:ID"],
          map { "$once[3]{person} $_" } @values);
}

raced($_, [HSET => 'order:ID'], 'log a', 'log b')
    for @steps, 'POST /api/orders/{id}/cancel';
raced($_, [HSET => 'wish:ID'], 'log a', 'log b') for @wish_steps, $withdraw;
raced($_, [HINCRBY => 'event:ID'], 'version 1') for $enrol, $enrol_hand;

for my $name (@course_steps) {
    my ($action) = $name =~ m{/(\w+)$};
    my $status = $action =~ /submit|drop/ ? 'draft' : 'review';

    raced($name, [HSET => $action eq 'withdraw' ? 'courses' : 'drafts'],
          map { qq(ID {"title":"$_","practice":"theory","project":"party",)
                . qq("provider":"x","summary":"x","audience":"x",)
                . qq("duration_min":5,"status":"$status","authors":"x"})
          } 1, 2);
}

# who holds a place is written anew each time

for my $name ($remove, map { "$enrol/$_" } qw(cancel accept decline)) {
    my @once = $good{$name}->();
    my ($id) = $once[1] =~ m{events/(\d+)/};
    my $person = $once[3]{person};
    my @record = split /:/, $redis->call('HGET', $site->key("enrol:$id"),
                                         $person), -1;
    local $good{$name} = sub { @once };

    raced($name, [HSET => 'enrol:ID'], map {
        $person . ' ' . join ':', @record[0, 1], $record[2] + $_,
                                  @record[3 .. $#record] } 1 .. 2);
}

for my $name ($show, $hide) {
    my ($browser, $path) = $good{$name}->();
    my ($of, $who) = $path =~ m{/(\d+)-(\w+)/};
    local $good{$name} = sub { $browser, $path };

    raced($name, [HSET => "rating:$of"], map { "$who 4:$_:pending:/furong/" }
                                         1, 2);
}

{
    my @once = turning_off();
    local $good{$turn_off} = sub { @once };

    raced($turn_off, [HSET => "staff:careful$careful"],
          map { "totp_wrong $_:1" } 1, 2);
}

# records of a code, and of somebody who is leaving

{
    my %old = map { ($_ => 1) } @{$redis->call('KEYS', '*')};
    my ($device, $who) = sms();
    my ($sms, $code) = map { my $kind = $_;
        map { s/^wm:\{furong\}://r } grep { !$old{$_} && /:$kind:/ }
        @{$redis->call('KEYS', '*')} } qw(sms code);
    local $good{'POST /api/me/code'} = sub {
        $device, 'api/me/code', json => { name => $who->{name},
                                          phone => $who->{phone} } };
    local $good{'POST /api/me/verify'} = sub {
        $device, 'api/me/verify', json => $who };

    raced('POST /api/me/verify', [HSET => $code], 'tries 1', 'tries 2');
    $redis->call('HSET', $site->key($sms), 'times', 1);
    raced('POST /api/me/code', [HSET => $sms], 'times 2', 'times 3');

    my $leaver = known_well();
    my $id = $leaver->get('api/me/data')->json->{person}{id};
    my @record = split /:/, $redis->call('HGET', $site->key("att:$event"),
                                         $id);

    Wenming::Site::write_file($plan, join '', map {
        join(' ', 'HSET', $site->key("att:$event"), $id,
             join ':', @record[0 .. 2], $_) . "\n" } 1, 2);
    judged('DELETE /api/me', $leaver->delete('/raced/api/me'), 409,
           'conflict');
}

raced('POST /api/staff/session', [HINCRBY => 'staff:worker-wenyilu'],
      'epoch 1');


# ---- a record that cannot be read

{
    my ($browser, $path, %o) = $good{$hand}->();
    my %who = %{$o{json}};
    my $id = $browser->post($path, %o)->json->{person};
    my $other = $site->event;

    $redis->call('HSET', $site->key("person:$id"), 'name', 'unreadable');
    judged("POST /$_->[1]", $_->[0]->post($_->[1], json => {
               %{order()}, contact_name => $who{name}, phone => $who{phone}
           }), 500, 'internal')
        for [$web, 'api/orders'], [$worker, 'api/staff/orders'];
    judged('POST /api/c', $web->post('api/c', json => {
               %{check_in($other)}, %who }), 500, 'internal');
    judged($hand, $browser->post("$at/$other/attendance", %o), 500,
           'internal');
    judged('POST /api/wishes', $web->fresh->post('api/wishes', json => {
               %{wish()}, %who }), 500, 'internal');

    my %hand = (%{wish()}, %who);

    delete $hand{who};
    judged('POST /api/staff/wishes', $worker->post('api/staff/wishes',
           json => \%hand), 500, 'internal');
    judged($enrol, $web->post("api/events/$places/enrol", json => \%who),
           500, 'internal');
    judged($enrol_hand, $browser->post("$at/$places/enrolments", %o), 500,
           'internal');

    my ($rater, $to, %rating) = $good{$rate}->();

    $redis->call('HSET', $site->key("person:$_"), 'name', 'unreadable')
        for @{$redis->call('HKEYS', $site->key("att:$event"))};
    judged($rate, $rater->post($to, %rating), 500, 'internal');
}


# ---- too often: counted by the quarter and the hour, so not across one

sleep 5 if time % 900 > 895;

my @said;

push @said, $web->get('api/c', query => { event => 77, code => $_ })
    while @said < 60 && (!@said || $said[-1]{status} != 429);
judged('GET /api/c', $said[-1], 429, 'too_many');

@said = at_once(map { [$web->fresh, 'POST', 'api/staff/session', json => {
                       name => 'guess', password => "wrong $_" }] } 1 .. 21);
judged('POST /api/staff/session',
       (grep { $_->{status} !~ /^(?:401|503)$/ } @said)[0], 429, 'try_later');

{
    my $device = $web->fresh;
    my %who = (json => { someone('name') });

    @said = map { $device->post("api/events/$places/enrol", %who) } 1 .. 201;
    judged($enrol, $said[-1], 429, 'many_enrolments');
}

{
    my $device = $web->fresh;
    my %what = (json => wish());

    @said = map { $device->post('api/wishes', %what) } 1 .. 61;
    judged('POST /api/wishes', $said[-1], 429, 'many_wishes');
}

# on one connection, because there are many

my $greedy = $web->fresh;
my %order = (json => { %{order()}, course => 'none' });

judged('POST /api/orders', $greedy->post('api/orders', %order), 422,
       'invalid', 'no such course');

my $again = $greedy->bytes_of('POST', 'api/orders', %order,
                              headers => { Connection => 'keep-alive' });

for (1 .. 6) {
    my $socket = $greedy->open;
    print $socket $again x 99, $greedy->bytes_of('POST', 'api/orders', %order);
    $greedy->read_answer($socket);
}

judged('POST /api/orders', $web->fresh->post('api/orders', %order), 429,
       'many_orders', 'for a phone');
judged('POST /api/staff/orders', $worker->post('api/staff/orders', %order),
       429, 'many_orders', 'for a phone');
$greedy->post('api/orders', json => { %{order()}, course => 'none' });
judged('POST /api/orders', ask('POST /api/orders', browser => $greedy), 429,
       'many_orders', 'from a device');

# new devices without end, from an address of their own

my %elsewhere = (headers => { 'X-From' => '192.0.2.9' });

for my $case (['POST /api/orders', 1200, sub { 'api/orders', json => order() }],
              ['POST /api/wishes', 600, sub { 'api/wishes', json => wish() }],
              [$enrol, 6000, sub { "api/events/$event/enrol", json => {
                                       someone('name') } }],
              ['GET /api/c/{token}', 6000, sub { $token->($event) }])
{
    my ($name, $n, $ask) = @$case;
    my ($method) = split ' ', $name;

    Wenming::Http::in_a_row(map { [$web->fresh, $method, $ask->(),
                                   %elsewhere] } 1 .. $n);
    judged($name, $web->fresh->request($method, $ask->(), %elsewhere), 429,
           'many_here');
}

judged('GET /api/c', $web->fresh->get($digits->($event), %elsewhere), 429,
       'many_here');

{
    my $tablet = $web->fresh;
    my %what = (json => { ticket => $site->ticket($tablet, $event),
                          who => 'family', someone('name') });

    Wenming::Http::in_a_row(map { [$tablet, 'POST', 'api/c', %what] }
                            1 .. 2000);
    judged('POST /api/c', $tablet->post('api/c', %what), 429,
           'many_check_ins');
}


# ---- Redis that is not as promised, or not there

sub all_at_once {
    my ($code) = @_;

    my @names = grep { my $name = $_;
                       $api->response($name, 503)
                       && grep { $_ eq $code } $api->codes($name, 503)
                     } @operations;

    # what they need is made while Redis is well

    my @requests = map { [$_, $good{$_}->()] } @names;

    return sub {
        my @answers = at_once(map {
            my ($name, $browser, $path, %o) = @$_;
            my $method = (split ' ', $name)[0];
            $o{query}{again} = $code if $method eq 'GET';   # not from memory
            [$browser, $method, $path, %o] } @requests);

        judged($names[$_], $answers[$_], 503, $code) for 0 .. $#names;
    };
}


my $send = all_at_once('not_durable');

$redis->call('CONFIG', 'SET', 'appendfsync', 'everysec');
ok $site->until(5, sub { ask('POST /api/orders')->{status} == 503 }),
   'a weak Redis is noticed';
judged("GET /api/$_", $web->get("api/$_"), 200, undef, 'weak')
    for qw(health metrics);
$send->();
$redis->call('CONFIG', 'SET', 'appendfsync', 'always');
ok $site->until(5, sub { ask('POST /api/orders')->{status} == 201 }),
   'a good one too';

$send = all_at_once('unavailable');
$site->stop_redis('KILL');
$send->();
judged("GET /api/$_", $web->get("api/$_"), 200, undef, 'away')
    for qw(health metrics);


# ---- and nothing is described that was not seen

my %unseen = (
    map { ("$_ 500 internal" => 'only when memory runs out') }
    grep { !/^POST .*(?:orders|c|attendance|enrol|enrolments|ratings
                            |wishes)$/x } @operations
);
my @missing = grep { !$api->seen($_) && !$unseen{$_} } $api->answers;
my %answer = map { ($_ => 1) } $api->answers;
my @stale = grep { $api->seen($_) || !$answer{$_} } sort keys %unseen;

is join("\n", @missing), '', 'everything described was seen';
is join("\n", @stale), '', 'but for what a test cannot bring about';

end();
