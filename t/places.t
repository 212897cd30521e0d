use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Everyone wants one of few places: none is given twice, none is lost, and the
# queue is in the order of its numbers, whatever happens at the same moment.

my $PEOPLE = $ENV{WENMING_PEOPLE} || 2000;
my $PLACES = 50;
my $FLIGHT = 100;                       # connections at once

my $site = site();
my $redis = $site->redis;
my $event = $site->event(start => Wenming::Site::iso(time + 3 * 86400),
                         end => Wenming::Site::iso(time + 3 * 86400 + 3600),
                         capacity => $PLACES);
my @people = map { {
    name => sprintf('居民%04d', $_), phone => $site->phone($_),
    browser => $site->browser
} } 1 .. $PEOPLE;
my $repeated = 0;


# Sends the requests in flights, again those that were lost; the answers are
# those that were not.

sub until_answered {
    my (@todo) = @_;

    my @answers;

    for my $round (1 .. 60) {
        my @again;

        while (my @now = splice @todo, 0, $FLIGHT) {
            my @r = at_once(map { $_->{request} } @now);

            for my $i (0 .. $#now) {
                if ($r[$i]{status} =~ /^(?:0|5..)$/
                    || ($r[$i]{status} == 409
                        && $r[$i]->json->{code} eq 'conflict'))
                {
                    push @again, $now[$i];
                    $repeated++;
                } else {
                    push @answers, { %{$now[$i]}, answer => $r[$i] };
                }
            }
        }

        @todo = @again;
        last if !@todo;
    }

    is scalar(@todo), 0, 'all of them are answered';

    return @answers;
}


sub enrolling {
    my ($p) = @_;

    return { p => $p, what => 'enrol', request => [
        $p->{browser}, 'POST', "api/events/$event/enrol",
        json => { name => $p->{name}, phone => $p->{phone}, who => 'new' }
    ] };
}


sub leaving {
    my ($p) = @_;

    return { p => $p, what => 'cancel', request => [
        $p->{browser}, 'POST', "api/events/$event/enrol/cancel",
        json => { person => $p->{person} } ] };
}


# What Redis says, put together; each part must agree with the others.

sub truth {
    my ($name) = @_;

    my %record = @{$redis->call('HGETALL', $site->key("enrol:$event"))};
    my @queue = @{$redis->call('ZRANGE', $site->key("wait:$event"), 0, -1,
                               'WITHSCORES')};
    my %seats = @{$redis->call('HGETALL', $site->key("seats:$event"))};
    my (%state, @waiting, @numbers);

    push @{$state{(split /:/, $record{$_})[0]}}, $_ for keys %record;

    while (my ($person, $number) = splice @queue, 0, 2) {
        push @waiting, $person;
        push @numbers, $number;
    }

    my $seated = @{$state{s} || []};

    is $seats{taken}, $seated, "$name: as many seats as are counted";
    is_deeply [sort @waiting], [sort @{$state{w} || []}],
              "$name: the queue is complete, and nobody is in it who is not "
              . 'waiting';
    is scalar(keys %{{ map { ($_ => 1) } @numbers }}), scalar @numbers,
       "$name: each number once";
    ok $seated <= $PLACES, "$name: not oversold";
    ok !@waiting || $seated == $PLACES,
       "$name: no seat is free while anybody waits"
        or diag "$seated seated, " . @waiting . ' waiting';

    return { record => \%record, waiting => \@waiting, seated => $seated,
             state => \%state };
}


# ---- the rush

my $began = Time::HiRes::time();
my @answers = until_answered(map { enrolling($_) } @people);
my $took = Time::HiRes::time() - $began;
my %status;

for my $a (@answers) {
    my $doc = $a->{answer}->json;

    $a->{p}{person} = $doc->{person};
    $status{"$a->{answer}{status} " . ($doc->{status} || $doc->{code})}++;
}

is_deeply \%status, { '201 seated' => $PLACES,
                      '201 waiting' => $PEOPLE - $PLACES },
          'each is seated or waits';
is scalar(keys %{{ map { ($_->{person} => 1) } @people }}), $PEOPLE,
   'each is somebody else';

my $truth = truth('after the rush');

is scalar(keys %{$truth->{record}}), $PEOPLE, 'everyone has one record';
is $truth->{seated}, $PLACES, 'all seats are taken';
is scalar(@{$truth->{waiting}}), $PEOPLE - $PLACES, 'all others wait';
is $redis->call('HGET', $site->key("seats:$event"), 'seq'),
   $PEOPLE - $PLACES, 'a number for each, none is left out';

# the numbers are those of the journal, in its order

my @given = map { $_->{replies} =~ /^(\d+)/ ? $1 : () }
            grep { $_->{verb} eq 'enrol.add' && $_->{effects} =~ /ZADD/ }
            $site->journal;

is_deeply \@given, [1 .. $PEOPLE - $PLACES], 'as they came';

# a seat was never given while somebody waited

my @verbs = map { $_->{effects} =~ /ZADD/ ? 'w' : 's' }
            grep { $_->{verb} eq 'enrol.add' } $site->journal;

is join('', @verbs), 's' x $PLACES . 'w' x ($PEOPLE - $PLACES),
   'first all the seats, then the queue';

diag sprintf '%d people in %.1f s, %d requests repeated', $PEOPLE, $took,
             $repeated if $ENV{WENMING_SAY};


# ---- everyone at once: some leave, some come back, some tap again

srand 20261124;
$repeated = 0;

my %seated = map { ($_ => 1) } @{$truth->{state}{s}};
my @seated = grep { $seated{$_->{person}} } @people;
my @waiting = grep { !$seated{$_->{person}} } @people;
my @mixed = map { $_->[1] } sort { $a->[0] <=> $b->[0] } map { [rand, $_] }
    (map { leaving($_) } @seated[0 .. 29], @waiting[0 .. 59]),
    (map { enrolling($_) } @waiting[60 .. 119], @seated[0 .. 9]);

$FLIGHT = 40;                           # each who leaves moves the queue
@answers = until_answered(@mixed);

is join(' ', sort keys %{{ map { ($_->{answer}{status} => 1) } @answers }}),
   '200 201', 'no other answers';

$truth = truth('after the second');

is scalar(keys %{$truth->{record}}), $PEOPLE, 'nobody is there twice';
is $truth->{seated}, $PLACES, 'all seats are taken again';
is_deeply [grep { my $p = $_;
                  my $r = $truth->{record}{$p->{person}};
                  $r !~ /^c/ } @waiting[0 .. 59]], [],
          'whoever left is out';

diag sprintf '%d requests, %d repeated', scalar @mixed, $repeated
    if $ENV{WENMING_SAY};

my ($rc, $said) = $site->tool('audit');

is $rc, 0, 'the chain is whole' or diag $said;

end();
