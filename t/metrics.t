use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# api/metrics: what is counted, under which labels, by all workers together;
# and that it goes on when Redis, a worker or a configuration does not.

use IO::Select;

use Wenming::Exposition;
use Wenming::Race;
use Wenming::Source;

my $site = Wenming::Site->prepare(
    workers => 4, expect => [qr/exited on signal 9/],
    http => [q{log_format pid '$pid';}, 'wenming_redis_timeout 1500ms;',
             q{map $uri $plain { default 1; ~api/metrics 0; }}],
    server => ['access_log {{dir}}/pids pid if=$plain;',
               'location ^~ /closed/ {', '    alias {{dir}}/web/;',
               '    wenming furong;', '    wenming_public_url '
               . 'http://127.0.0.1:{{port}}/closed;',
               '    wenming_health 192.0.2.0/24;', '}',
               'location ^~ /raced/ {', '    alias {{dir}}/web/;',
               '    wenming furong;', '    wenming_public_url '
               . 'http://127.0.0.1:{{port}}/raced;',
               '    wenming_redis unix:{{dir}}/race.sock;',
               '    wenming_redis_timeout 20s;', '}']);

# the location of the district comes first, so that its Redis is told of

my @others = splice @{$site->{server}}, 1;

$site->{place} = [
    'location ^~ /wenming/ {', '    alias {{dir}}/web/;',
    '    wenming furong;',
    '    wenming_public_url http://127.0.0.1:{{port}}/wenming;', '}', @others];

my $plan = Wenming::Site::write_file("$site->{dir}/plan", '');

$site->start_redis;
$site->import_data($site->{import});

# as "wenming archive" notes it

$site->redis->call('HSET', $site->key('archived'), 'A' x 16,
                   '1 1800000000000 1800000000000-0');

my $race = Wenming::Race->start(path => "$site->{dir}/race.sock",
                                redis => $site->{socket}, plan => $plan);

$site->start_nginx;

my $web = $site->browser;
my %said = (text => '');                # every scrape, for the end
my %family;                             # of them: metric => label => value


sub keep {
    my ($m, $text) = @_;

    $said{text} .= $text;

    for my $s (@{$m->{samples}}) {
        $family{$s->{name}} ||= {};
        $family{$s->{name}}{$_}{$s->{labels}{$_}} = 1 for keys %{$s->{labels}};
    }

    @{$said{families}}{keys %{$m->{family}}} = ();

    return;
}


sub scrape {
    my ($from) = @_;

    my $r = ($from || $site)->browser->get('api/metrics');
    my $m = eval { Wenming::Exposition->parse($r->{body}) };

    die "no scrape: $r->{status} $@\n$r->{body}" if !$m || $r->{status} != 200;

    keep($m, $r->{body});

    return $m;
}


# Until the code is true of a scrape, which is returned.

sub scraped {
    my ($seconds, $code, $from) = @_;

    my $m;

    return $site->until($seconds, sub {
        $m = scrape($from);
        local $_ = $m;
        $code->();
    }) ? $m : undef;
}


sub requests {
    my ($m, %labels) = @_;

    return $m->value('wenming_requests_total', %labels) || 0;
}


sub commits {
    my ($m, %labels) = @_;

    return $m->value('wenming_commits_total', %labels) || 0;
}


sub head_number {
    my ($number) = ($site->redis->call('GET', $site->key('head')) || '0')
                   =~ /^(\d+)/;

    return $number;
}


sub gone {
    my (@old) = @_;

    return $site->until(8, sub {
        my %now = map { $_ => 1 } $site->worker_pids;
        !grep { $now{$_} } @old;
    });
}


# ---- the answer itself

my $r = $web->get('api/metrics');

is $r->{status}, 200, 'it answers';
is $r->header('content-type'), 'text/plain; version=0.0.4; charset=utf-8',
   'in the format of Prometheus';
is $r->header('cache-control'), 'no-store', 'and is never kept';
ok scraped(5, sub { $_->value('wenming_workers') == 4
                    && $_->value('wenming_redis_up') }),
   'all workers have reported';

my $first = scrape();

is $first->{family}{wenming_requests_total}{type}, 'counter', 'a counter';
is $first->{family}{wenming_commit_seconds}{type}, 'histogram', 'a histogram';
is $first->value('wenming_durability_info', level => 'always'), 1,
   'the level that is promised';
is $first->value('wenming_durable'), 1, 'and held';
is $first->value('wenming_redis_workers', state => $_), 4, "four are $_"
    for qw(connected ready durable);
is $first->value('wenming_redis_weakness'), 0, 'for none is Redis too weak';
cmp_ok $first->value('wenming_redis_connects_total'), '>=', 4,
       'each has its connection';

my ($version) = (Wenming::Site::run($Wenming::Site::NGINX, '-v'))[1]
                =~ m{nginx/(\S+)};
is $first->value('wenming_build_info', nginx => $version), 1,
   'and it is this nginx';

my $head = $web->head('api/metrics');
is $head->{status}, 200, 'HEAD too';
is $head->header('content-type'), $r->header('content-type'),
   'of the same type';
ok !length $head->{error}, 'without a body' or diag $head->{error};
problem($web->post('api/metrics'), 405, 'method_not_allowed', undef,
        'nothing can be posted there');


# ---- who may ask

problem($web->get('/closed/api/metrics'), 403, 'forbidden', undef,
        'not from a foreign address');
problem($web->get('api/metrics', headers => { $_ => '192.0.2.7' }), 403,
        'forbidden', undef, "nor through a proxy: $_")
    for qw(X-Forwarded-For Forwarded X-Real-IP);


# ---- all workers together

my ($sent, %pids) = (0);
my $before = scrape();

$site->until(20, sub {
    my @answers = at_once(map { [$web, 'GET', 'api/units'] } 1 .. 60);

    $sent += grep { $_->{status} == 200 } @answers;
    %pids = map { $_ => 1 }
            split ' ', Wenming::Site::read_file("$site->{dir}/pids");

    return $sent > 200 && keys %pids >= 2;
});

my $m = scrape();

cmp_ok scalar keys %pids, '>=', 2, 'more than one worker has answered';
is requests($m, route => 'api/units')
   - requests($before, route => 'api/units'), $sent,
   "$sent requests count $sent";
is requests($m, method => 'GET', route => 'api/units', verdict => 'ok'),
   requests($m, route => 'api/units'), 'all under one label';


# ---- what became of requests, under its label

my $worker = $site->worker;
my $event = $site->event;
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;


sub order {
    return { course => 'law-01', unit => 'wenyilu', wanted => [$day],
             head_count => 3, contact_name => '周示例',
             phone => $site->phone(++$people) };
}


sub counts {
    my ($labels, $n, $code, $name) = @_;

    my ($method, $route, $verdict) = split ' ', $labels;
    my %labels = (method => $method, route => $route, verdict => $verdict);
    my $was = scrape();

    $code->() for 1 .. $n;

    my $is = scrape();

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is requests($is, %labels) - requests($was, %labels), $n,
       "$name: $n of $labels";
    is requests($is) - requests($was), $n + 1,
       'and nothing else, but for the scrape';

    return;
}


counts('GET api/menu ok', 3, sub { $web->get('api/menu') }, 'reading');
counts('GET api/menu ok', 2, sub { $web->head('api/menu') }, 'HEAD');
counts('GET menu ok', 2, sub { $web->get('menu') }, 'a page');
counts('GET fragment/menu ok', 2, sub { $web->get('fragment/menu') },
       'a fragment');
counts('GET api/courses/{id} not_found', 3,
       sub { $web->get('api/courses/none-' . ++$people) },
       'what is not there');
counts('none none not_found', 3, sub { $web->get('api/nothing') },
       'an unknown address');
counts('none none method_not_allowed', 2, sub { $web->delete('api/menu') },
       'another method');
counts('GET c/{id} code_invalid', 2, sub { $web->get('c/NONSENSE') },
       'a bad code');
counts('POST api/orders created', 3,
       sub { $web->post('api/orders', json => order()) }, 'an order');
counts('POST api/orders invalid', 2,
       sub { $web->post('api/orders', json => { course => 'law-01' }) },
       'an order with faults');
counts('POST api/orders too_large', 2,
       sub { $web->post('api/orders', body => 'x' x 20_000,
                        type => 'application/json') },
       'what reaches no handler');
counts('POST api/orders foreign', 2,
       sub { $web->post('api/orders', json => order(), headers => {
                 'Sec-Fetch-Site' => 'cross-site' }) }, 'another site');
counts('GET api/staff/orders sign_in', 2,
       sub { $web->fresh->get('api/staff/orders') }, 'nobody');
counts('GET api/health forbidden', 2,
       sub { $web->get('/closed/api/health') }, 'a foreign address');

# a form that is shown again has the verdict that it was refused with

{
    my $page = $web->get('course/law-01');

    counts('POST course/{id} invalid', 2, sub {
        $site->send_form($web, $page, { phone => '1' }, qr/law-01/);
    }, 'a form with faults');
}

{
    my $was = requests(scrape());

    $web->get($site->asset('desk.css'));
    $web->get('no-such-file');
    is requests(scrape()) - $was, 1, 'files that nginx sends are not ours';
}


# ---- no more series, whatever strangers ask for

{
    my $was = scrape();

    at_once(map { ([$web, 'GET', "api/x$_"], [$web, 'GET', "api/menu/$_"],
                   [$web, 'GET', "api/courses/x-$_"],
                   [$web, 'GET', "c/X$_"],
                   [$web, 'PUT', "api/x$_"], [$web, 'OPTIONS', 'api/menu'],
                   [$web, 'GET', "api/menu?q=$_"]) } 1 .. 30);

    my $is = scrape();
    my %old = map { $_ => 1 } keys %{$was->{series}};

    is requests($is) - requests($was), 7 * 30 + 1, 'all of them count';
    is join("\n", grep { !$old{$_} } sort keys %{$is->{series}}), '',
       'and bring no new series';
}


# ---- commits: by operation and outcome, with their time

{
    my $was = scrape();
    my $entries = $site->journal_length;
    my %order = (json => order(), headers => { 'Idempotency-Key' => 'one' });
    my $place = sub { $web->post('api/orders', @_) };

    $place->(%order) for 1 .. 3;
    $place->(%order, json => { %{$order{json}}, head_count => 4 });
    $site->check_in($site->browser, $event, '吴示例',
                    $site->phone(++$people)) for 1 .. 4;

    my $is = scrape();
    my $more = sub { commits($is, @_) - commits($was, @_) };
    my $answered = 0;

    is $more->(operation => 'order.submit', outcome => 'done'), 1,
       'an order is one commit';
    is $more->(outcome => 'repeated'), 2, 'two repeats';
    is $more->(outcome => 'key_reused'), 1, 'another body';
    is $more->(operation => 'attend.in', outcome => 'done'), 4,
       'four check-ins';
    is $more->(outcome => 'done'), $site->journal_length - $entries,
       'as many take effect as the journal has new entries';

    $answered += commits($is, outcome => $_)
        for qw(done repeated key_reused unmet refused error);
    is $is->value('wenming_commit_seconds_count'), $answered,
       'the histogram has every commit that Redis answered';
    is commits($is), $answered, 'which was all of them';
    cmp_ok $is->value('wenming_commit_seconds_sum'), '>',
           $was->value('wenming_commit_seconds_sum'), 'and took time';
    is $is->value('wenming_journal_entries'), head_number(),
       'the length of the journal is known at once';
}


# ---- a limit

{
    my $was = scrape();
    my ($said, $refused) = (0, 0);

    while ($said++ < 60 && $refused < 2) {
        $refused++ if $web->get('api/c', query => {
            event => 77, code => sprintf '%06d', $said })->{status} == 429;
    }

    my $is = scrape();

    is $is->value('wenming_limit_refusals_total')
       - $was->value('wenming_limit_refusals_total'), $refused,
       'what a limit refuses counts';
    is requests($is, verdict => 'too_many'), $refused, 'and has its verdict';
}


# ---- the cache

{
    my $was = scrape();

    $web->get('api/menu', query => { q => 'once' }) for 1 .. 3;

    my $is = scrape();
    my $more = sub { $is->value("wenming_cache_$_[0]_total")
                     - $was->value("wenming_cache_$_[0]_total") };

    cmp_ok $more->('misses'), '>=', 1, 'the first has to be fetched';
    is $more->('hits') + $more->('misses'), 3, 'the others are looked up';
}


# ---- a client that leaves

{
    my $was = scrape();

    Wenming::Site::write_file($plan, "DEBUG SLEEP 1\n");

    ok scraped(30, sub {
        my $s = $web->open;
        print $s $web->bytes_of('POST', '/raced/api/orders',
                                json => order());
        sleep 0.4;
        close $s;
        sleep 0.1;
        commits($_, outcome => 'gone') > 0;
    }), 'a client leaves while its commit is under way';

    Wenming::Site::write_file($plan, '');

    my $is = scraped(5, sub {
        requests($_, verdict => 'gone') >= commits($_, outcome => 'gone') });

    ok $is, 'its request is gone as well';
    is requests($is, route => 'api/orders', verdict => 'gone'),
       requests($is, verdict => 'gone'), 'of that route';
    is requests($was, verdict => 'gone'), 0, 'and nobody left before';
}


# ---- a reload; another district beside this one

sub kept {
    my ($was, $is) = @_;

    my @less = grep {
        my $s = $_;
        my $type = $was->{family}{$s->{name} =~ s/_(?:bucket|sum|count)$//r}
                   {type};
        $type ne 'gauge'
            && ($is->value($s->{name}, %{$s->{labels}}) || 0) < $s->{value}
    } @{$was->{samples}};

    return join "\n", map { $_->{name} } @less;
}


for my $change ('the same', 'another district', 'one of them again') {
    my @old = $site->worker_pids;
    my $was = scrape();
    my $was_orders = requests($was, route => 'api/orders');

    if ($change eq 'another district') {
        push @{$site->{place}}, 'location ^~ /yuhua/ {',
            '    alias {{dir}}/web/;', '    wenming yuhua;',
            '    wenming_public_url http://127.0.0.1:{{port}}/yuhua;', '}';
    }

    splice @{$site->{place}}, -5 if $change eq 'one of them again';

    $site->reload;
    ok gone(@old), "reloaded: $change";

    my $is = scraped(5, sub { $_->value('wenming_workers') == 4
                              && $_->value('wenming_redis_up') });

    ok $is, 'the new workers have reported';
    is kept($was, $is), '', 'no counter is less than before';
    is requests($is, route => 'api/orders'), $was_orders,
       'nor more where nobody asked';
    is $is->value('wenming_commit_seconds_count'),
       $was->value('wenming_commit_seconds_count'), 'nor the histogram';

    if ($change eq 'another district') {
        $web->get('/yuhua/api/units') for 1 .. 3;
        my $r = $web->get('/yuhua/api/metrics');
        my $other = Wenming::Exposition->parse($r->{body});

        is requests($other, district => 'yuhua'), 3, 'it begins with nothing';
        is scalar($other->find('wenming_requests_total',
                               district => 'furong')), 0,
           'and does not tell of the other';
        is requests(scrape(), district => 'yuhua'), 0, 'nor the other of it';
        keep($other, $r->{body});
    }
}


# ---- the journal grows elsewhere, or is younger than it was

sub known_anew {
    my ($name) = @_;

    my @old = $site->worker_pids;

    $site->reload;                      # a new worker 0 reads it soon
    gone(@old);

    my $number = head_number();

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok scraped(5, sub { $_->value('wenming_journal_entries') == $number }),
       $name;

    return;
}


$site->must('staff', 'add', 'another', '--unit', 'furong', '--role', 'worker',
            '--generate');
known_anew('what the tool wrote is known');

{
    my $redis = $site->redis;
    my $head = $redis->call('GET', $site->key('head'));

    $redis->call('SET', $site->key('head'), $head =~ s/^\d+/7/r);
    known_anew('after a restore there may be fewer');
    $redis->call('SET', $site->key('head'), $head);
    known_anew('and more again');
}


# ---- a worker that is killed

{
    my $was = scrape();
    my ($victim) = $site->worker_pids;

    kill 'KILL', $victim;
    ok $site->until(5, sub {
        my @now = $site->worker_pids;
        @now == 4 && !grep { $_ == $victim } @now;
    }), 'a worker is killed, and there is another';

    my $is = scraped(10, sub {
        $_->value('wenming_workers') == 4 && $_->value('wenming_redis_up')
        && $_->value('wenming_redis_connects_total')
           > $was->value('wenming_redis_connects_total') });

    ok $is, 'which has its own connection';
    is kept($was, $is || scrape()), '', 'what the old one counted stays';
}


# ---- Redis too weak, silent, away, back

{
    my $redis = $site->redis;
    my $was = scrape();

    $redis->call(qw(CONFIG SET appendfsync everysec));

    my $is = scraped(5, sub {
        $_->value('wenming_redis_weakness', reason => 'appendfsync') == 4 });

    ok $is, 'Redis is too weak: all workers say why';
    is $is->value('wenming_durable'), 0, 'so it is not durable';
    is $is->value('wenming_redis_workers', state => 'durable'), 0,
       'for none of them';
    is $is->value('wenming_redis_up'), 1, 'but answers';
    is $web->post('api/orders', json => order())->{status}, 503,
       'a write is refused';
    $is = scrape();
    is requests($is, verdict => 'not_durable'), 1, 'which counts';
    is commits($is, operation => 'order.submit', outcome => 'not_durable'), 1,
       'as a commit, too';
    is $is->value('wenming_commit_seconds_count'),
       $was->value('wenming_commit_seconds_count'), 'but took no time';

    $redis->call(qw(CONFIG SET appendfsync always));
    ok scraped(5, sub { $_->value('wenming_durable') }), 'it holds again';
}

{
    my $was = scrape();
    my $redis = $site->redis;
    my $select = IO::Select->new($redis->{socket});

    $redis->send('DEBUG', 'SLEEP', '4');

    my $is = scraped(10, sub {
        !$select->can_read(0) && !$_->value('wenming_redis_up')
        && $_->value('wenming_redis_timeouts_total')
           > $was->value('wenming_redis_timeouts_total') });

    ok $is, 'Redis is silent: the scrape answers meanwhile, and says so';
    ok !$select->can_read(0), 'and Redis still sleeps';
    $redis->read;
    ok scraped(8, sub { $_->value('wenming_redis_up') }), 'it wakes up';
}

{
    $site->stop_redis('KILL');

    ok scraped(5, sub { !$_->value('wenming_redis_up') }),
       'Redis is killed: the scrape answers, and says so';

    my $is = scraped(5, sub {
        $_->value('wenming_redis_workers', state => 'connected') == 0 });

    ok $is, 'no worker is connected';
    is $is->value('wenming_durable'), 0, 'nothing is promised';
    is $is->value('wenming_workers'), 4, 'all workers are there';
    cmp_ok $is->value('wenming_journal_entries'), '>', 0,
           'what was known of the journal is';

    is $web->get('api/courses/fresh-1')->{status}, 503, 'a read gets 503';
    $web->post('api/orders', json => order());
    is requests(scrape(), verdict => 'unavailable'), 2, 'which counts';

    my $silence = scrape()->value('wenming_redis_silence_seconds');

    ok scraped(5, sub {
        $_->value('wenming_redis_silence_seconds') > $silence + 1 }),
       'the silence grows';

    my $connects = scrape()->value('wenming_redis_connects_total');

    $site->start_redis;
    ok scraped(10, sub {
        $_->value('wenming_redis_up') && $_->value('wenming_durable')
        && $_->value('wenming_redis_connects_total') == $connects + 4 }),
       'Redis is back, and four connections were made anew';
}


# ---- fewer workers

{
    my @old = $site->worker_pids;
    my $was = scrape();

    $site->{workers} = 2;
    $site->reload;
    ok gone(@old), 'reloaded: fewer workers';

    my $is = scraped(10, sub { $_->value('wenming_workers') == 2
                               && $_->value('wenming_redis_up') });

    ok $is, 'who is no more is not counted for long';
    is kept($was, $is || scrape()), '', 'what they counted stays';
}


# ---- a module with other routes finds counters of its own, and back

{
    my $module = Wenming::Site::read_file("$Wenming::Site::BUILD/"
                                          . 'ngx_wenming_module.so');
    my $changed = $module =~ s{\0api/units\0}{\0api/unitz\0}g;

    ok $changed, 'a module with another route';
    mkdir "$site->{dir}/other";
    Wenming::Site::write_file("$site->{dir}/other/ngx_wenming_module.so",
                              $module);

    for my $build ("$site->{dir}/other", $Wenming::Site::BUILD) {
        local $Wenming::Site::BUILD = $build;
        my @old = $site->worker_pids;

        $site->reload;
        ok gone(@old), "reloaded: $build";

        my $is = scraped(10, sub { $_->value('wenming_workers') == 2
                                   && $_->value('wenming_redis_up') });

        ok $is, 'its workers have reported';
        is commits($is), 0, 'and it counts from the beginning';

        my ($mine) = $build =~ /other$/ ? 'api/unitz' : 'api/units';

        $web->get($mine);
        is requests(scrape(), route => $mine, verdict => 'ok'), 1,
           "under its own names: $mine";
    }
}


# ---- what nobody knows is not said

{
    my $none = site(redis => 0, import => 0, workers => 1);
    my $m = scraped(5, sub { $_->value('wenming_workers') }, $none);

    ok $m, 'without any Redis it answers';
    is $m->value('wenming_redis_up'), 0, 'that there is none';
    is $m->value($_), undef, "and says nothing of $_"
        for qw(wenming_journal_entries wenming_redis_silence_seconds);

    my $empty = site(import => 0, workers => 1);
    ok scraped(5, sub { defined $_->value('wenming_journal_entries') },
               $empty), 'an empty Redis has a journal';
    is scrape($empty)->value('wenming_journal_entries'), 0,
       'of no entries, and that is known';
}


# ---- nobody's data

my $text = $said{text};
my @secrets = ('周示例', '吴示例', $site->worker->get('api/staff/orders')
               ->json->{items}[0]{id}, 'worker-furong',
               map { $_->{value} } map { values %{$_->{cookies}} }
               $web, $worker);

cmp_ok scalar @secrets, '>', 5, 'there are names, cookies and ids';
is scalar grep({ index($text, Encode::encode('UTF-8', $_)) >= 0 } @secrets), 0,
   'none of which is in any scrape';
unlike $text, qr/139\d{8}/, 'nor a phone number';
is join(' ', sort { $a cmp $b } grep { !/^[A-Za-z0-9_.+\/{}-]+$/ }
             keys %{{ map { $_ => 1 } $text =~ /="([^"]*)"/g }}), '',
   'labels are words of ours';


# ---- what is written about it

my $root = $Wenming::Site::ROOT;
my $source = Wenming::Source->new;
my %word = (verdict => [map { $_->[0] } $source->table('wm_verdicts')],
            outcome => [map { $_->[0] } $source->table('wm_outcomes')]);

# what else a server of Prometheus adds, and what Grafana puts in

my %added = (instance => 1, job => 1);


# What an expression asks for and no scrape has.

sub missing {
    my ($expr) = @_;

    my @missing;

    while ($expr =~ /\b(wenming_\w+)(?:\{([^{}]*)\})?/g) {
        my ($metric, $selector) = ($1, defined $2 ? $2 : '');
        my $labels = $family{$metric};

        push @missing, $metric if !$labels;
        next if !$labels;

        while ($selector =~ /(\w+)\s*(=~|=|!=|!~)\s*"([^"]*)"/g) {
            my ($label, $op, $value) = ($1, $2, $3);
            my @words = (keys %{$labels->{$label} || {}},
                         @{$word{$label} || []});

            push @missing, "$metric\{$label\}"
                if !$labels->{$label} && !$added{$label};
            next if $value eq '$district' || $added{$label};

            for my $one ($op =~ /~/ ? split /\|/, $value : $value) {
                push @missing, "$label=$one"
                    if !grep { $op =~ /~/ ? /^(?:$one)$/ : $_ eq $one } @words;
            }
        }
    }

    while ($expr =~ /\bby \(([^)]*)\)/g) {
        push @missing, "by $_" for grep {
            my $label = $_;
            !$added{$label} && !grep { $_->{$label} } values %family
        } split /,\s*/, $1;
    }

    push @missing, 'a metric' if $expr !~ /\bwenming_|\bup\{job="wenming"\}/;
    push @missing, 'a parenthesis'
        if ($expr =~ tr/(//) != ($expr =~ tr/)//);

    return join ' ', @missing;
}


# docs/operations.md has a line for each

my $doc = Wenming::Site::read_file("$root/docs/operations.md");
my %row = map { ($_ => 1) } map { /`(wenming_\w+)`/g }
          map { (split / \| /)[0] } grep { /^\| `wenming_/ } split /\n/, $doc;

is_deeply [sort keys %row], [sort keys %{$said{families}}],
          'docs/operations.md lists what is said, and nothing else';

# the alerts

my $alerts = Wenming::Site::read_file(
    "$root/docs/examples/prometheus-wenming-alerts.yml");
my @alerts = $alerts =~ /^\s+expr:\ (?:>-\n)?((?:.+\n)+?)
                         (?=\s+(?:for|labels):)/mgx;

is scalar @alerts, scalar(() = $alerts =~ /^\s+- alert: /mg),
   'every alert has an expression';
is missing($_), '', 'alert: ' . s/\s+/ /gr =~ s/ $//r for @alerts;

# the dashboard

my $board = eval { JSON::PP->new->utf8->decode(
    Wenming::Site::read_file("$root/docs/grafana/wenming.json")) };
my @panels = @{$board->{panels} || []};
my %variable = map { ($_->{name} => $_) } @{$board->{templating}{list} || []};
my %grid;

ok $board, 'the dashboard is JSON' or diag $@;
cmp_ok $board->{schemaVersion}, '>=', 36, 'of a Grafana of today';
ok length $board->{$_}, "with a $_" for qw(uid title);
is $variable{DS_PROMETHEUS}{type}, 'datasource',
   'it lets one choose the source';
is $variable{DS_PROMETHEUS}{query}, 'prometheus', 'a Prometheus';
is missing('wenming_' . ($variable{district}{definition}
                         =~ /wenming_(\w+), district\)$/)[0]), '',
   'and the districts, by a metric that is there';
cmp_ok scalar @panels, '>=', 10, 'it has panels';
is scalar keys %{{ map { $_->{id} => 1 } @panels }}, scalar @panels,
   'each has its own id';

for my $panel (@panels) {
    my ($x, $y, $w, $h) = @{$panel->{gridPos}}{qw(x y w h)};
    my @fields = map { my $row = $_; map { "$_ $row" } $x .. $x + $w - 1 }
                 $y .. $y + $h - 1;
    my @targets = @{$panel->{targets} || []};
    my @foreign = grep { $_->{datasource}{uid} ne '${DS_PROMETHEUS}' }
                  $panel, @targets;

    ok $x >= 0 && $w > 0 && $h > 0 && $x + $w <= 24 && !grep({ $grid{$_}++ }
       @fields), "$panel->{title}: it covers no other";
    ok @targets && !@foreign, 'it asks the source that was chosen';
    is scalar keys %{{ map { $_->{refId} => 1 } @targets }}, scalar @targets,
       'each question has its own name';
    is missing($_->{expr}), '', $_->{expr} for @targets;
    ok !grep({ $_->{expr} !~ /\$district/ } @targets),
       'of the districts that were chosen';
}

end();
