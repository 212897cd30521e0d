use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# wenming_durability: what Redis must hold, or nothing is taken.

my $n = 0;


sub write_to {
    my ($site) = @_;

    return $site->browser->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu', head_count => 1, note => '',
        wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
        contact_name => '甲', phone => $site->phone(++$n) });
}


# What api/health says of a site's Redis, by every worker that answers.

sub healths {
    my ($site) = @_;

    return map { $site->browser->get('api/health')->json } 1 .. 12;
}


sub doctor {
    my ($site, @options) = @_;

    return $site->tool('doctor', @options);
}


# ---- Redis as it should be

# whoever polls until something is noticed orders more than an address may

my $site = site(location => ['wenming_unlimited 127.0.0.0/8;']);

is write_to($site)->{status}, 201, 'always, on a Redis that does: taken';

my ($rc, $said) = doctor($site);
is $rc, 0, 'the doctor finds nothing' or diag $said;


# ---- one setting at a time, while it runs

my @weak = (
    [appendfsync => 'everysec', 'always'],
    [appendonly => 'no', 'yes'],
    ['no-appendfsync-on-rewrite' => 'yes', 'no'],
    ['aof-load-truncated' => 'yes', 'no'],
    ['maxmemory-policy' => 'allkeys-lru', 'noeviction'],
);

for my $case (@weak) {
    my ($name, $weak, $good) = @$case;

    $site->redis->call('CONFIG', 'SET', $name, $weak);
    ok $site->until(5, sub {
        !grep { write_to($site)->{status} != 503 } 1 .. 12
    }), "$name $weak is noticed";

    my @all = map { write_to($site) } 1 .. 6;

    ok !(grep { $_->{status} != 503 } @all), 'by every worker';
    problem($all[0], 503, 'not_durable', undef, 'and says that it is so');
    like $all[0]->header('retry-after'), qr/^\d+$/, 'with Retry-After';
    is $site->browser->get('api/courses/law-01')->{status}, 200,
       'reading goes on';
    like $site->error_log, qr/\[error\].*\Q$name\E/, 'the log says why';
    ok !(grep { $_->{durable} || $_->{weakness} !~ /^\Q$name\E is not/ }
              healths($site)), 'so does health';

    ($rc, $said) = doctor($site);
    is $rc, 1, 'the doctor finds it';
    like $said, qr/\Q$name\E/, 'and names the setting';
    like $said, qr/\Q$good\E/, 'and what it should be';

    $site->redis->call('CONFIG', 'SET', $name, $good);
    ok $site->until(5, sub { write_to($site)->{status} == 201 }),
       "$good again: taken again";
    ok $site->until(5, sub { !grep { $_->{weakness} ne '' } healths($site) }),
       'and health has nothing to say';
}


# ---- the levels

my %matrix = (                          # level, appendfsync -> status
    'always always' => 201, 'always everysec' => 503, 'always no' => 503,
    'everysec always' => 201, 'everysec everysec' => 201,
    'everysec no' => 503, 'unchecked no' => 201
);

for my $level (qw(always everysec unchecked)) {
    $site->{durability} = $level;
    $site->reload;
    sleep 0.5;

    for my $fsync (qw(always everysec no)) {
        my $want = $matrix{"$level $fsync"} or next;

        $site->redis->call('CONFIG', 'SET', 'appendfsync', $fsync);
        ok $site->until(4, sub {
            !grep { write_to($site)->{status} != $want } 1 .. 4 }),
           "promised $level, Redis has $fsync: $want";

        ($rc) = doctor($site, '--durability', $level);
        is $rc, $want == 201 ? 0 : 1, 'the doctor says the same';
    }
}

$site->redis->call('CONFIG', 'SET', 'appendfsync', 'always');

# what nobody checks is taken, but who looks is told what is seen

$site->redis->call('CONFIG', 'SET', 'appendonly', 'no');
ok $site->until(5, sub {
    !grep { $_->{weakness} !~ /^appendonly is not yes/ } healths($site)
}), 'unchecked: health says that nothing is kept';
is write_to($site)->{status}, 201, 'and what comes is taken';
$site->redis->call('CONFIG', 'SET', 'appendonly', 'yes');
ok $site->until(5, sub { !grep { $_->{weakness} ne '' } healths($site) }),
   'until it is';


# ---- weak from the start; CONFIG forbidden

my $weak = site(redis_conf => ['appendfsync everysec']);

ok !(grep { write_to($weak)->{status} != 503 } 1 .. 6),
   'weak from the start: not one write gets through';
is $weak->redis->call('EXISTS', $weak->key('numbers')), 0,
   'nothing was written';

my $silent = site(redis_conf => ['rename-command CONFIG ""']);

is write_to($silent)->{status}, 503, 'CONFIG forbidden: no promise, no write';
like $silent->error_log, qr/CONFIG/, 'the log says why';
$silent->{durability} = 'unchecked';
$silent->reload;
ok $silent->until(3, sub { write_to($silent)->{status} == 201 }),
   'unless the administrator answers for it';


# ---- a Redis that stands still: the doctor does not wait for it

{
    kill STOP => $silent->{redis_pid};

    my $began = time;
    my ($rc, $said) = doctor($silent);

    kill CONT => $silent->{redis_pid};

    is $rc, 1, 'the doctor finds a Redis that stands still';
    like $said, qr/Redis does not answer.*no answer in time/s, 'and says so';
    cmp_ok time - $began, '<', 20, 'before anybody loses patience';
}


# ---- a user of Redis who may do little; a password

my $locked = site(redis => 0, import => 0);

Wenming::Site::write_file("$locked->{dir}/secret", "geheim\n", 0600);
$locked->start_redis('requirepass geheim');
ok $locked->until(3, sub {
    $locked->browser->get('api/menu')->{status} == 503 }),
   'a Redis with a password is closed';
$locked->{http} = ['wenming_redis_password_file {{dir}}/secret;'];
$locked->reload;
ok $locked->until(3, sub {
    $locked->browser->get('api/menu')->{status} == 200 }),
   'and opens to the one in the file';
unlike $locked->error_log, qr/geheim/, 'which no log shows';

end();
