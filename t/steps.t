use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# kill -9 of Redis in the middle of every step from order to rating: what was
# acknowledged has happened, the rest has happened whole or not at all, and
# asking again with the same key makes it happen once.

my $LIVES = 24;

my $site = site();
my $worker = $site->worker;
my $clerk = $site->staff(unit => 'wenyilu');
my $lead = $site->staff(unit => 'wenyilu', role => 'lead',
                        team => 'wenyilu-squad');
my $lecturer = $site->staff(unit => 'furong', role => 'lecturer',
                            team => 'lecturers');
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my @lives = map { { n => $_, web => $site->browser, name => "居民$_",
                    phone => $site->phone($_) } } 1 .. $LIVES;
my ($lost, $rounds) = (0, 0);


# A document, as soon as there is one: a process of nginx may still be without
# Redis when the other is not.

sub seen {
    my ($who, $path) = @_;

    my $r;

    $site->until(4, sub {
        $r = $who->get($path);
        $r->{status} == 200;
    });

    return $r->json;
}


sub kill_redis_soon {
    my $victim = $site->{redis_pid};
    my $killer = fork;

    if ($killer == 0) {
        sleep 0.001 * (2 + 5 * ($rounds % 4));
        kill 'KILL', $victim;
        POSIX::_exit(0);
    }

    return $killer;
}


sub revive {
    $site->stop_redis('KILL');
    $site->start_redis;

    return;
}


# Sends a request for each life, and those that were lost again, with the
# same key.  has: what must be so for a life once it was acknowledged.

sub step {
    my ($name, $request, $has) = @_;

    my @todo = map { {
        life => $_, request => [do {
            my ($who, $method, $path, %o) = $request->($_);
            ($who, $method, $path, %o, timeout => 4,
             headers => { 'Idempotency-Key' => "$name-$_->{n}" })
        }] } } @lives;
    my @odd;

    for my $try (1 .. 20) {
        my $killer = $try == 1 ? kill_redis_soon() : undef;
        my @r = at_once(map { $_->{request} } @todo);

        if ($killer) {
            $rounds++;
            waitpid $killer, 0;
            revive();
        }

        my @again;

        for my $i (0 .. $#todo) {
            if ($r[$i]{status} =~ /^2/) {
                $todo[$i]{life}{answer} = $r[$i]->json;
                push @odd, $todo[$i]{life}{n}
                    if !$has->($todo[$i]{life});
            } elsif ($r[$i]{status} =~ /^(?:0|5..)$/) {
                push @again, $todo[$i];
                $lost++ if $try == 1;
            } else {
                push @odd, "$todo[$i]{life}{n}: $r[$i]{status}";
            }
        }

        last if !(@todo = @again);
        sleep 0.1 if $try > 1;
    }

    is scalar(@todo), 0, "$name: in the end all are acknowledged";
    is "@odd", '', "$name: what was acknowledged is there, and once";

    return;
}


# The state and how often a step stands in the log.

sub stands {
    my ($life, $state, $action, $times) = @_;

    my $o = seen($worker, "api/staff/orders/$life->{id}");
    my $stands = $o->{status} eq $state
        && $times == grep { $_->{action} eq $action } @{$o->{log}};

    diag join ' ', "order $life->{n}:", $o->{status},
         map { $_->{action} } @{$o->{log}} if !$stands;

    return $stands;
}


sub roster {
    my ($life) = @_;

    return seen($worker, "api/staff/events/$life->{event}/roster");
}


sub ticket {
    my ($life, $kind) = @_;

    my $code = seen($worker,
                    "api/staff/events/$life->{event}/code?kind=$kind");
    my ($path) = $code->{url} =~ m{/(c/[0-9A-Z]+)$};

    return seen($life->{web}, "api/$path")->{ticket};
}


sub acted {
    my ($name, $who, $action, $state, $times, %body) = @_;

    step($name, sub {
        return ($who, 'POST', "api/staff/orders/$_[0]{id}/$action",
                json => \%body);
    }, sub { return stands($_[0], $state, $action, $times) });

    return;
}


step('submit', sub {
    my ($life) = @_;

    return ($life->{web}, 'POST', 'api/orders', json => {
        course => 'law-01', unit => 'wenyilu-1', wanted => [$day],
        head_count => 2, contact_name => $life->{name},
        phone => $life->{phone} });
}, sub {
    my ($life) = @_;

    $life->{id} = $life->{answer}{id};

    return stands($life, 'submitted', 'submit', 1);
});

is scalar(@{seen($worker, 'api/staff/orders')->{items}}), $LIVES,
   'an order for each';

acted('dispatch', $clerk, 'dispatch', 'dispatched', 1,
      team => 'wenyilu-squad');
acted('decline', $lead, 'decline', 'submitted', 1, reason => '那天没有人');
acted('escalate', $clerk, 'escalate', 'submitted', 1);
acted('dispatch-2', $worker, 'dispatch', 'dispatched', 2,
      team => 'wenyilu-squad');
acted('reassign', $worker, 'reassign', 'dispatched', 1, team => 'lecturers');
acted('accept', $lecturer, 'accept', 'accepted', 1);

step('schedule', sub {
    my ($life) = @_;

    return ($worker, 'POST', 'api/staff/events', json => {
        title => "第$life->{n}场", unit => 'wenyilu-1', course => 'law-01',
        place => '二楼', audience => '居民', content => '内容',
        start => Wenming::Site::iso(time - 3600),
        end => Wenming::Site::iso(time + 3600), capacity => 10,
        orders => [$life->{id}], publish => 1 });
}, sub {
    my ($life) = @_;

    $life->{event} = $life->{answer}{id};

    my $list = seen($worker, "api/staff/events/$life->{event}/enrolments");

    return stands($life, 'scheduled', 'schedule', 1)
           && "@{[map { qq($_->{status} $_->{seats}) } @{$list->{items}}]}"
              eq 'seated 2';
});

step('check-in', sub {
    my ($life) = @_;

    return ($life->{web}, 'POST', 'api/c', json => {
        ticket => ticket($life, 'screen-in'),
        name => $life->{name}, phone => $life->{phone} });
}, sub { return roster($_[0])->{present} == 1 });

step('check-out', sub {
    my ($life) = @_;

    return ($life->{web}, 'POST', 'api/c', json => {
        ticket => ticket($life, 'screen-out'),
        who => 'me' });
}, sub {
    return length roster($_[0])->{items}[0]{out};
});

step('rate', sub {
    my ($life) = @_;

    return ($life->{web}, 'POST', "api/events/$life->{event}/ratings",
            json => { score => 5 });
}, sub {
    my ($life) = @_;

    return stands($life, 'rated', 'rate', 1)
           && seen($life->{web}, "api/events/$life->{event}/ratings")
              ->{count} == 1;
});

cmp_ok $lost, '>', 0, "$lost answers were lost in $rounds rounds";

my %verbs;

$verbs{$_->{verb}}++ for $site->journal;
is_deeply { map { ($_ => $verbs{$_}) }
            qw(order.submit order.dispatch order.decline order.escalate
               order.reassign order.accept event.publish attend.in attend.out
               rate.give) },
          { (map { ($_ => $LIVES) }
             qw(order.submit order.decline order.escalate order.reassign
                order.accept attend.in attend.out rate.give)),
            'order.dispatch' => 2 * $LIVES,
            'event.publish' => $verbs{'event.publish'} },
          'each stands in the journal once';

my ($rc, $said) = $site->tool('audit');

is $rc, 0, 'and the chain is whole' or diag $said;

end();
