use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# How far archives and notifications are behind: in the metrics, and for each
# event on its page.

my $site = site();
my $redis = $site->redis;
my $worker = $site->worker;
my $event = $site->event;
my $to = "sqlite:$site->{dir}/furong.db";


sub archived_at {
    return $worker->get("api/staff/events/$event")->json->{archived_at};
}


# What worker 0 reads when it starts, and then once a minute.

sub metrics {
    $site->stop_nginx;
    $site->start_nginx;

    my $text;

    $site->until(10, sub {
        $text = $site->browser->get('api/metrics')->text;
        $text =~ /^wenming_outbox_dead\{/m }) or die 'it does not read them';

    return { $text =~ /^(wenming_(?:archive|outbox|journal)_\w+)\{[^}]*\} (\d+)$/mg };
}


is archived_at(), '', 'there is no archive';

my $m = metrics();

is_deeply [grep { /archive/ } keys %$m], [], 'nor a figure of one';
is "$m->{wenming_outbox_due} $m->{wenming_outbox_dead}", '0 0',
   'nothing is to be sent';

# ---- all of it archived

$site->must('archive', '--to', $to);
like archived_at(), qr/^20\d\d-\d\d-\d\dT/, 'the event is in the archive';

my $page = $worker->get("staff/events/$event");

page($page, 200, ['归档', '已归档至 '], 'and its page says so');
$m = metrics();
is $m->{wenming_archive_entries}, $site->journal_length, 'all entries';
ok abs($m->{wenming_archive_time_seconds} - time) < 120, 'a moment ago';

# ---- and more since

my $first = archived_at();
my $old = $event;

$site->worker->post("api/staff/events/$event/cancel", json => {});
isnt archived_at(), '', 'what came before is archived still';
$event = $site->event;
is archived_at(), '', 'a younger event is not';
unlike $worker->get("staff/events/$event")->text, qr/已归档至/,
       'and its page does not say so';
$event = $old;
ok archived_at() le $first, 'the older one up to then';
$m = metrics();
ok $m->{wenming_archive_entries} < $m->{wenming_journal_entries},
   'the archive is behind';

# ---- a second one, which stays behind

my ($id) = @{$redis->call('HGETALL', $site->key('archived'))};

$site->must('archive', '--to', $to);
$redis->call('HSET', $site->key('archived'), 'B' x 16,
             '2 1000000000000 1000000000000-0');
$m = metrics();
is "$m->{wenming_archive_entries} $m->{wenming_archive_time_seconds}",
   '2 1000000000', 'metrics have the one that has least';
isnt archived_at(), '', 'the event the one that has most';
$redis->call('HSET', $site->key('archived'), $id, 'damaged');
is archived_at(), '', 'what cannot be read is said of nobody';

# ---- notifications

my $now = int(time * 1000);

$redis->call('ZADD', $site->key('outbox_due'), $now - 1000, 'a',
             $now - 2000, 'b', $now + 3_600_000, 'c');
$redis->call('ZADD', $site->key('outbox_dead'), $now, 'd');
$m = metrics();
is "$m->{wenming_outbox_due} $m->{wenming_outbox_dead}", '2 1',
   'two are due, one is dead';

end();
