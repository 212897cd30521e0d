use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Everyone at the same moment: two workers, many connections, one truth.

my $PEOPLE = 200;
my $EACH = 4;                           # connections of one person

my $site = site();
my $event = $site->event;
my @people = map { {
    name => sprintf('居民%03d', $_), phone => $site->phone($_),
    browser => $site->browser
} } 1 .. $PEOPLE;

my $path = 'api/' . $site->code($event)->{path};
my @answers = at_once(map { [$_->{browser}, 'GET', $path] } @people);

is scalar(grep { $_->{status} == 200 } @answers), $PEOPLE,
   'all of them scan the same code';
$people[$_]{ticket} = $answers[$_]->json->{ticket} for 0 .. $#people;


# ---- everyone four times

my @todo = map { my $p = $_; map { $p } 1 .. $EACH } @people;
my %seen;
my $retries = 0;

for my $round (1 .. 5) {
    my @answers = at_once(map { [
        $_->{browser}, 'POST', 'api/c', json => {
            ticket => $_->{ticket}, name => $_->{name},
            phone => $_->{phone}, who => 'new' } ] } @todo);
    my @again;

    for my $i (0 .. $#todo) {
        my ($p, $r) = ($todo[$i], $answers[$i]);

        if ($r->{status} =~ /^(?:0|409|5..)$/) {
            push @again, $p;
            $retries++;
        } else {
            push @{$p->{answers}}, $r;
            $seen{$r->{status}}++;
        }
    }

    @todo = @again;
    last if !@todo;
}

diag "$retries of " . $PEOPLE * $EACH . ' had to be repeated' if $retries;

is_deeply \%seen, { 201 => $PEOPLE, 200 => $PEOPLE * ($EACH - 1) },
          'each is checked in once, and told so by all connections';
is scalar(grep { my %t = map { $_->json->{in} => 1 } @{$_->{answers}};
                 keys %t != 1 } @people), 0,
   'with one time for each person';
is $site->redis->call('HLEN', $site->key("att:$event")), $PEOPLE,
   "$PEOPLE rows";
is scalar(grep { $_->{verb} eq 'attend.in' } $site->journal), $PEOPLE,
   "$PEOPLE entries in the journal";
is $site->roster($event)->{present}, $PEOPLE, 'the roster says the same';

my %names = map { $_->{name} => 1 } @{$site->roster($event)->{items}};

is scalar(grep { !$names{$_->{name}} } @people), 0, 'and names them all';

my ($rc, $said) = $site->tool('audit');

is $rc, 0, 'the chain is whole' or diag $said;


# ---- everyone at once for one order, and against one another

my $key = 'race-order';
my @browser = map { $_->{browser} } @people[0 .. 1];
my @same = at_once(map { [
    $browser[0], 'POST', 'api/orders', json => {
        course => 'law-01', unit => 'wenyilu', head_count => 1, note => '',
        wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
        contact_name => '居民', phone => $people[0]{phone} },
    headers => { 'Idempotency-Key' => $key } ] } 1 .. 50);
my %ids = map { ($_->json->{id} || "none $_->{status}") => 1 } @same;

is scalar(keys %ids), 1, 'fifty times the same order is one';
is scalar(grep { $_->{verb} eq 'order.submit' } $site->journal), 1,
   'in the journal too';


# ---- events: numbers are unique

my @made = at_once(map { [$site->worker, 'POST', 'api/staff/events',
                          json => { title => "活动 $_" }] } 1 .. 60);
my %numbers = map { ($_->json->{id} || '') => 1 } @made;

is scalar(grep { $_->{status} == 201 } @made), 60, 'sixty new events';
is scalar(keys %numbers), 60, 'with sixty numbers';

end();
