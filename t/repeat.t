#!/usr/bin/perl
# Idempotency keys: the same request again is answered as the first time, and
# a key never speaks for another record, another person, another worker.

use Wenming::Test;

my $site = site();
my $web = $site->browser;
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;

sub order {
    my ($browser, $key, %o) = @_;

    return $browser->post('api/orders', headers => { 'Idempotency-Key' => $key },
        json => { course => 'law-01', unit => 'wenyilu', wanted => [$day],
                  head_count => 20, contact_name => '张示例',
                  phone => $site->phone(1), %o });
}


# ---- residents

my $first = order($web, 'one');
is $first->{status}, 201, 'an order';
my $id = $first->json->{id};

is order($web, 'one')->json->{id}, $id, 'the same key and body: the same order';
is scalar @{$web->get('api/me/orders')->json->{items}}, 1, 'only one';
problem(order($web, 'one', head_count => 21), 422, 'key_reused', undef,
        'another body');
isnt order($web, 'two')->json->{id}, $id, 'another key: another order';
isnt order($site->browser, 'one', phone => $site->phone(2))->json->{id}, $id,
     'a stranger with the same key has an order of his own';

# the first answer never arrived, nor its cookie

my $lost = $site->browser;
my $a = order($lost, 'lost', phone => $site->phone(3));
my $again = $lost->fresh;
my $b = order($again, 'lost', phone => $site->phone(3));

is $b->json->{id}, $a->json->{id}, 'repeated without cookies: one order';
is_deeply [map { $_->{id} } @{$again->get('api/me/orders')->json->{items}}],
          [$a->json->{id}], 'which the resident then has';

# two courses from the same form

my %form = (unit => 'wenyilu', wanted => $day, head_count => 9,
            contact_name => '李示例', phone => $site->phone(4),
            key => 'same');
my @pages = map { $web->post("course/$_", form => \%form,
                             headers => { 'Sec-Fetch-Site' => 'same-origin' })
            } 'law-01', 'law-02';
is_deeply [map { $_->{status} } @pages], [201, 201], 'two courses';
is scalar grep({ $_->{head_count} == 9 }
               @{$web->get('api/me/orders')->json->{items}}), 2,
   'are two orders';


# ---- workers

my $worker = $site->worker;
my ($x, $y) = map { $site->event(draft => 1) } 1 .. 2;
my @key = (headers => { 'Idempotency-Key' => 'k' });

is $worker->post("api/staff/events/$_/cancel", @key)->json->{id}, $_,
   "event $_ is cancelled" for $x, $y;
is_deeply [map { $worker->get("api/staff/events/$_")->json->{status} } $x, $y],
          ['cancelled', 'cancelled'], 'both are';

my $other = $site->staff(unit => 'wenyilu');
my %event = (title => '讲座', unit => 'wenyilu-1');
my @made = map { $_->post('api/staff/events', @key, json => \%event)->json }
           $worker, $other, $worker;
isnt $made[1]{id}, $made[0]{id}, 'two workers, one key: two events';
is $made[2]{id}, $made[0]{id}, 'the first worker again: the first event';

my $z = $site->event;
my $version = $worker->get("api/staff/events/$z")->json->{version};
my @change = ("api/staff/events/$z", headers => { 'Idempotency-Key' => 'c' },
              json => { title => '改了', version => $version });
my $changed = $worker->patch(@change);
is $changed->{status}, 200, 'a change';
is $changed->json->{version}, "$version" + 1, 'and its new version';
is $worker->patch(@change)->{status}, 200,
   'repeated after it took effect, it is no conflict';
problem($worker->patch($change[0], json => { title => '再改',
                                             version => $version }),
        409, 'conflict', undef, 'another change of the old version');

# conditions of HTTP are for what has an ETag

is $worker->patch($change[0], json => { title => '三改' },
                  headers => { 'If-Match' => '"1"' })->{status}, 200,
   'If-Match does not turn what was done into 412';


# ---- checking in: the time that was told is the one that is kept

my $open = $site->event;
my $guest = $site->browser;
my $ticket = $site->ticket($guest, $open);


sub in {
    my ($n) = @_;

    return $guest->post('api/c', headers => { 'Idempotency-Key' => "in-$n" },
        json => { ticket => $ticket, who => 'family', name => '张示例',
                  phone => $site->phone($n) })->json->{in};
}


my $told = in(5);

sleep 1.1;
in($_) for 6 .. 9;                      # each worker of nginx has the event
is in(5), $told, 'repeated: the first time';

my ($kept) = sort map { $_->{in} } @{$site->roster($open)->{items}};

is $kept, $told, 'as it is kept';


# ---- signing in is not repeated

my ($name, $password) = ('worker-furong', $site->{staff}{'worker-furong'});
my @sessions = map {
    my $browser = $site->browser;
    $browser->post('api/staff/session', @key,
                   json => { name => $name, password => $password });
    $browser;
} 1 .. 2;
is_deeply [map { $_->get('api/staff/orders')->{status} } @sessions],
          [200, 200], 'each sign-in has a session that works';

my $records = join "\n", @{$site->redis->call('KEYS', '*once*')};
is scalar grep({ index($records, $_) >= 0 } keys %{$site->{phones}}), 0,
   'records name nobody';

end();
