use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Time::HiRes qw(sleep);

# Commits of one turn of the event loop travel together: one call of the
# script, and for each an answer of its own.

my $MANY = 40;

my $site = site(workers => 1);
my $event = $site->event;
my $redis = $site->redis;
my $next = 0;


sub person {
    my $browser = $site->browser;
    my $ticket = $browser->get('api/' . $site->code($event)->{path})
                         ->json->{ticket};

    return { name => sprintf('居民%03d', $next),
             phone => $site->phone($next++), browser => $browser,
             ticket => $ticket };
}

sub people { return map { person() } 1 .. $_[0] }

sub checkin {
    my ($p) = @_;

    return $p->{browser}->bytes_of('POST', 'api/c', json => {
        ticket => $p->{ticket}, name => $p->{name}, phone => $p->{phone},
        who => 'new' });
}

sub calls {
    my ($command) = @_;

    my ($n) = $redis->call('INFO', 'commandstats')
              =~ /^cmdstat_$command:calls=(\d+)/m;

    return $n || 0;
}

sub send_all {
    my (@people) = @_;

    return map {
        my $s = $_->{browser}->open;
        print $s checkin($_);
        $s;
    } @people;
}

# All are connected; what they send arrives while the worker is stopped, and
# it finds all of it in one turn.

sub send_together {
    my (@people) = @_;

    my @sockets = map { $_->{browser}->open } @people;
    my ($pid) = $site->worker_pids;

    $site->browser->get('api/health');          # they are accepted
    kill 'STOP', $pid;
    print {$sockets[$_]} checkin($people[$_]) for 0 .. $#people;
    sleep 0.2;
    kill 'CONT', $pid;

    return @sockets;
}

sub statuses {
    my ($people, $sockets) = @_;

    my %seen;

    $seen{$people->[$_]{browser}->read_answer(
        $sockets->[$_], method => 'POST')->{status}}++ for 0 .. $#$people;

    return \%seen;
}


# the event is at hand in shared memory, so that each is one commit at once

sub warm {
    my ($p) = people(1);

    my $s = $p->{browser}->open;

    print $s checkin($p);
    is $p->{browser}->read_answer($s, method => 'POST')->{status}, 201,
       'one by himself';

    return;
}


# ---- many in few calls

my @people = people($MANY);

warm();

my $before = calls('evalsha');
my @sockets = send_together(@people);

is_deeply statuses(\@people, \@sockets), { 201 => $MANY },
          "$MANY at the same moment are checked in";
cmp_ok calls('evalsha') - $before, '<', $MANY / 2, 'in fewer calls than half';


# ---- each has his own answer

@people = people(10);
$people[3] = { %{$people[2]} };             # the same person twice
$people[7]{ticket} = 'X';                   # never gets so far
warm();
@sockets = send_together(@people);

is_deeply statuses(\@people, \@sockets), { 201 => 8, 200 => 1, 403 => 1 },
          'who was there already, and who has no ticket, keep nobody';


# ---- Redis forgot the script

@people = people(10);
warm();
$redis->call('SCRIPT', 'FLUSH');
@sockets = send_together(@people);

is_deeply statuses(\@people, \@sockets), { 201 => 10 },
          'a script that Redis forgot is sent again';


# ---- half of them leave while Redis sleeps

for my $forgotten (0, 1) {
    my $sleeper = Wenming::Redis->new($site->{socket});
    my $present = $site->roster($event)->{present};

    @people = people(20);
    warm();
    $redis->call('SCRIPT', 'FLUSH') if $forgotten;
    $sleeper->send('DEBUG', 'SLEEP', '0.7');
    sleep 0.05;

    @sockets = send_all(@people);
    sleep 0.2;
    close $sockets[$_] for grep { $_ % 2 } 0 .. $#sockets;
    $sleeper->read;

    my @stay = grep { !($_ % 2) } 0 .. $#people;

    is_deeply statuses([@people[@stay]], [@sockets[@stay]]), { 201 => 10 },
              'those who stay get their answers'
              . ($forgotten ? ', also when the script was forgotten' : '');

    my $more = $site->roster($event)->{present} - $present;

    cmp_ok $more, '>=', 11, 'nobody who was answered is missing';
    cmp_ok $more, '<=', 21, 'and nobody is there twice';
}


# ---- Redis goes away with them

@people = people(10);
warm();
$site->stop_redis;
@sockets = send_together(@people);
is_deeply statuses(\@people, \@sockets), { 503 => 10 },
          'all are told when Redis is away';

$site->start_redis;
ok $site->until(10, sub {
    $site->browser->get('api/health')->json->{durable}
}), 'Redis is back';

@sockets = send_all(@people);
is_deeply statuses(\@people, \@sockets), { 201 => 10 },
          'and the same requests succeed';

my ($rc, $said) = $site->tool('audit');

is $rc, 0, 'the chain is whole' or diag $said;

end();
