use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# kill -9 of Redis, twenty times, while people check in: whoever was told
# that he is in, is in, and once.

my $KILLS = 20;

my $site = site();
my $event = $site->event(end => Wenming::Site::iso(time + 86400));
my $began = time;

# each round: people who check in, with retries, until all have been told

my @told;
my $n = 0;
my $failures = 0;
my $seal = $site->seal;


sub people {
    my ($how_many) = @_;

    # 201 says "now", 200 "before": both are a promise

    my @new = map { { n => ++$n, name => sprintf('居民%04d', $n),
                      phone => $site->phone($n), browser => $site->browser } }
              1 .. $how_many;
    my $path = 'api/c/' . $seal->token(event => $event);
    my @r = at_once(map { [$_->{browser}, 'GET', $path, timeout => 4] } @new);

    $new[$_]{ticket} = $r[$_]->json->{ticket} for 0 .. $#new;

    return grep { $_->{ticket} } @new;
}


sub check_in {
    my (@people) = @_;

    my @r = at_once(map { [$_->{browser}, 'POST', 'api/c', timeout => 4,
                           json => { ticket => $_->{ticket}, who => 'new',
                                     name => $_->{name},
                                     phone => $_->{phone} }] } @people);
    my @again;

    for my $i (0 .. $#people) {
        my $status = $r[$i]{status};

        if ($status == 200 || $status == 201) {
            push @told, $people[$i];
            $people[$i]{in} = $r[$i]->json->{in};
        } else {
            $failures++;
            push @again, $people[$i];
        }
    }

    return @again;
}


my @waiting;

for my $round (1 .. $KILLS) {
    push @waiting, people(25);

    # a process beside this one kills Redis in the middle of it

    my $victim = $site->{redis_pid};
    my $killer = fork;

    if ($killer == 0) {
        sleep 0.002 * $round;
        kill 'KILL', $victim;
        POSIX::_exit(0);
    }

    @waiting = check_in(@waiting);
    waitpid $killer, 0;
    $site->stop_redis('KILL');
    $site->start_redis;

    # both workers, and a page that no cache has

    $site->until(4, sub {
        !grep { $site->browser->get('course/law-01')->{status} != 200 } 1 .. 4
    });
}

for (1 .. 20) {
    last if !@waiting;
    sleep 0.2;
    @waiting = check_in(@waiting);
}

is scalar(@waiting), 0, 'in the end everyone has been told';
cmp_ok scalar(@told), '>', 12 * $KILLS,
       scalar(@told) . " people, $failures answers lost on the way";
cmp_ok $failures, '>', 0, 'Redis did die in the middle of it';

my $roster = $site->roster($event);
my %there;

$there{$_->{name}}++ for @{$roster->{items}};

is scalar(grep { !$there{$_->{name}} } @told), 0,
   'everyone who was told is there';
is scalar(grep { $_ > 1 } values %there), 0, 'nobody is there twice';
is scalar(grep { my $p = $_;
                 my ($row) = grep { $_->{name} eq $p->{name} }
                             @{$roster->{items}};
                 !$row || $row->{in} ne $p->{in} } @told), 0,
   'each at the time that he was told';

my @entries = grep { $_->{verb} eq 'attend.in' } $site->journal;

is scalar(@entries), scalar(keys %there), 'one entry for each';

my ($rc, $said) = $site->tool('audit');

is $rc, 0, 'the chain is whole' or diag $said;
cmp_ok time - $began, '<', 90, sprintf 'all within %.0f s', time - $began;

end();
