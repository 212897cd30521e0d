#!/usr/bin/perl
# What is the same for everyone is shared by the workers; what is somebody's
# own never is.

use Wenming::Test;

use Time::HiRes qw(sleep);

my $site = site(workers => 4, http => ['wenming_zone pages 256k;']);
my $web = $site->browser;


# ---- it is shared, for a second

sub commands {
    return $site->redis->call('INFO', 'commandstats')
           =~ /cmdstat_hgetall:calls=(\d+)/ ? $1 : 0;
}

$web->get('api/menu');
my $before = commands();
$web->get('api/menu') for 1 .. 20;
my $asked = commands() - $before;
cmp_ok $asked, '<=', 8, 'twenty requests ask Redis once or twice';

# one fetch for all who come at the same moment

$site->redis->call('HSET', $site->key('courses'), 'new-01',
    '{"title":"新课","practice":"theory","project":"theory","provider":"x",'
    . '"summary":"s","duration_min":60,"audience":"a"}');
sleep 1.2;
$before = commands();
my @all = Wenming::Http::at_once(map { [$site->browser, 'GET', 'api/menu?q=x'] }
                                 1 .. 60);
is scalar grep({ $_->{status} == 200 } @all), 60, 'sixty at once';
cmp_ok commands() - $before, '<=', 8, 'are one fetch';
like $web->get('api/menu')->{body}, qr/new-01/,
     'after a second, what others changed in Redis is seen';


# ---- a write drops what it changed, in every worker

my $event = $site->event(title => '第一名');
my $worker = $site->worker;
for my $i (1 .. 20) {
    $web->get("event/$event");
    $worker->patch("api/staff/events/$event", json => { title => "第${i}次" });
    my $r = $web->get("api/events/$event");
    is $r->json->{title}, "第${i}次", "change $i is seen at once" or last;
    is_deeply [grep { index($_->text, '第' . ($i - 1) . '次') >= 0 }
               map { $web->get('timetable') } 1 .. 4], [], 'by all workers';
}

my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my ($law) = grep { $_->{id} eq 'law-01' }
            @{$web->get('api/menu')->json->{items}};
$web->post('api/orders', json => {
    course => 'law-01', unit => 'wenyilu', wanted => [$day], head_count => 1,
    contact_name => '示例', phone => $site->phone(900) });
my ($then) = grep { $_->{id} eq 'law-01' }
             @{$web->get('api/menu')->json->{items}};
is $then->{orders}, $law->{orders} + 1, 'an order shows in the menu';

# the menu of a unit is what it holds: an event changes it

for my $i (1 .. 10) {
    my $course = sprintf 'law-%02d', 1 + $i % 2;
    my $held = $site->event(unit => 'wenyilu-2', course => $course);
    my $has = sub {
        return scalar grep { $_->{id} eq $course }
               @{$web->get('api/menu?unit=wenyilu-2')->json->{items}};
    };

    is $has->(), 1, "$course is held there, and in the menu at once" or last;
    like $web->get('menu?unit=wenyilu-2')->text, qr{course/$course\b},
         'on the page, too';
    $worker->post("api/staff/events/$held/cancel");
    is $has->(), 0, 'and not when it is called off' or last;
    unlike $web->get('menu?unit=wenyilu-2')->text, qr{course/$course\b},
           'nor on the page';
}


# ---- fifty people, four workers: nobody sees another's

my @people = map { { browser => $site->browser, name => "居民第${_}号",
                     phone => $site->phone(100 + $_) } } 1 .. 50;
for my $p (@people) {
    is $site->check_in($p->{browser}, $event, $p->{name}, $p->{phone})
           ->{status}, 201, "$p->{name} checks in";
    $p->{browser}->post('api/orders', json => {
        course => 'law-02', unit => 'wenyilu', wanted => [$day],
        head_count => 1, contact_name => $p->{name}, phone => $p->{phone} });
}

my @paths = ('menu', 'timetable', "event/$event", 'orders', 'api/me',
             'api/me/orders', $site->code($event)->{path}, 'course/law-02',
             'api/menu', 'fragment/menu', 'c');
my @round = map { my $path = $_; map { [$_, $path] } @people } @paths;
my @answers = Wenming::Http::at_once(
    map { [$_->[0]{browser}, 'GET', $_->[1], timeout => 30] } @round);

my ($foreign, $cookies) = (0, 0);
for my $i (0 .. $#round) {
    my ($p, $path) = @{$round[$i]};
    my $text = $answers[$i]->text;
    $foreign++ if grep { $_ != $p && index($text, $_->{name}) >= 0 } @people;
    $cookies++ if $path =~ /menu|timetable|event/
                  && defined $answers[$i]->cookie;
}
is $foreign, 0, scalar(@round) . ' answers: nobody sees another\'s name';
is $cookies, 0, 'what is shared sets no cookie';
is scalar grep({ $_->{status} != 200 } @answers), 0, 'all were answered';


# ---- memory is bounded: more pages than fit

my $bad = 0;
for my $i (1 .. 120) {
    $bad++ if $web->get("menu?q=$i")->{status} != 200
              || $web->get('api/menu')->{status} != 200;
}
is $bad, 0, 'more pages than the zone holds: each is answered';


# ---- failures are not shared

$site->stop_redis('KILL');
sleep 1.2;
is $web->get('api/units')->{status}, 503, 'Redis is away';
$site->start_redis;
ok $site->until(5, sub { $web->get('api/units')->{status} == 200 }),
   'and back: so is the answer';

end();
